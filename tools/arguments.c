/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "arguments.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "help.h"
#include "report.h"

enum option_id {
  OPTION_ALPN = 256,
  OPTION_CA,
  OPTION_CERT,
  OPTION_CLIENT_CA,
  OPTION_CLIENT_IDENTITY,
  OPTION_CONNECTIONS,
  OPTION_ENGINE,
  OPTION_HELP,
  OPTION_INFO,
  OPTION_JSON,
  OPTION_KEY,
  OPTION_LISTEN,
  OPTION_MODE,
  OPTION_POST_HANDSHAKE_AUTH,
  OPTION_SERVER_NAME,
  OPTION_SNI,
  OPTION_STEPS,
  OPTION_TLS
};

static const struct option engines_options[] = {
    {"json", no_argument, NULL, OPTION_JSON}, {"help", no_argument, NULL, OPTION_HELP}, {0}};

static const struct option client_options[] = {{"engine", required_argument, NULL, OPTION_ENGINE},
                                               {"ca", required_argument, NULL, OPTION_CA},
                                               {"server-name", required_argument, NULL, OPTION_SERVER_NAME},
                                               {"alpn", required_argument, NULL, OPTION_ALPN},
                                               {"cert", required_argument, NULL, OPTION_CERT},
                                               {"key", required_argument, NULL, OPTION_KEY},
                                               {"tls", required_argument, NULL, OPTION_TLS},
                                               {"steps", required_argument, NULL, OPTION_STEPS},
                                               {"info", no_argument, NULL, OPTION_INFO},
                                               {"help", no_argument, NULL, OPTION_HELP},
                                               {0}};

static const struct option server_options[] = {{"engine", required_argument, NULL, OPTION_ENGINE},
                                               {"cert", required_argument, NULL, OPTION_CERT},
                                               {"key", required_argument, NULL, OPTION_KEY},
                                               {"sni", required_argument, NULL, OPTION_SNI},
                                               {"alpn", required_argument, NULL, OPTION_ALPN},
                                               {"client-identity", required_argument, NULL, OPTION_CLIENT_IDENTITY},
                                               {"client-ca", required_argument, NULL, OPTION_CLIENT_CA},
                                               {"post-handshake-auth", no_argument, NULL, OPTION_POST_HANDSHAKE_AUTH},
                                               {"tls", required_argument, NULL, OPTION_TLS},
                                               {"mode", required_argument, NULL, OPTION_MODE},
                                               {"connections", required_argument, NULL, OPTION_CONNECTIONS},
                                               {"listen", required_argument, NULL, OPTION_LISTEN},
                                               {"help", no_argument, NULL, OPTION_HELP},
                                               {0}};

static const struct {
  const char *name;
  const struct option *options;
} commands[COMMAND_COUNT] = {
    [COMMAND_ENGINES] = {"engines", engines_options},
    [COMMAND_CLIENT] = {"client", client_options},
    [COMMAND_SERVER] = {"server", server_options},
};

/* False, having said so, which is what a parser answers when a value is wrong. */
static bool refuse(const char *option, const char *value, const char *expected) {
  report_text("usage", "arguments", "%s %s: expected %s", option, value, expected);
  return false;
}

static bool complain(const char *text) {
  report_text("usage", "arguments", "%s", text);
  return false;
}

/* Finds |value| among |words|. */
static bool choose(const char *option, const char *value, const char *const *words, size_t count, size_t *chosen) {
  char expected[64] = "";
  for (size_t i = 0; i < count; i++) {
    if (strcmp(value, words[i]) == 0) {
      *chosen = i;
      return true;
    }
    size_t used = strlen(expected);
    (void)snprintf(expected + used, sizeof(expected) - used, "%s%s", i == 0 ? "" : ", ", words[i]);
  }
  return refuse(option, value, expected);
}

/* One of the words of |value|, which ends at the comma that |*rest| points behind; |*rest| NULL after the last. */
static wasi_tls_bytes next_word(const char **rest) {
  const char *comma = strchr(*rest, ',');
  wasi_tls_bytes word = {(const uint8_t *)*rest, comma != NULL ? (size_t)(comma - *rest) : strlen(*rest)};
  *rest = comma != NULL ? comma + 1 : NULL;
  return word;
}

static bool word_is(wasi_tls_bytes word, const char *text) {
  return word.len == strlen(text) && memcmp(word.data, text, word.len) == 0;
}

static bool parse_alpn(arguments *parsed, const char *value) {
  parsed->alpn_count = 0;
  for (const char *rest = value; rest != NULL;) {
    if (parsed->alpn_count == ARGUMENTS_ALPN_IDS) return refuse("--alpn", value, "at most 64 protocols");
    parsed->alpn[parsed->alpn_count++] = next_word(&rest);
  }
  return true;
}

static bool parse_steps(arguments *parsed, const char *value) {
  for (const char *rest = value; rest != NULL;) {
    wasi_tls_bytes word = next_word(&rest);
    if (word_is(word, "verify"))
      parsed->verify_step = true;
    else if (word_is(word, "identity"))
      parsed->identity_step = true;
    else
      return refuse("--steps", value, "verify, identity or both");
  }
  return true;
}

static bool parse_version(arguments *parsed, const char *value) {
  static const char *const words[] = {"1.2", "1.3"};
  size_t chosen = 0;
  if (!choose("--tls", value, words, 2, &chosen)) return false;
  parsed->version = chosen == 0 ? WASI_TLS_VERSION_TLS12 : WASI_TLS_VERSION_TLS13;
  return true;
}

static bool parse_policy(arguments *parsed, const char *value) {
  static const char *const words[] = {"none", "optional", "required"};
  size_t chosen = 0;
  if (!choose("--client-identity", value, words, 3, &chosen)) return false;
  parsed->client_identity = (wasi_tls_client_identity_policy)chosen;
  return true;
}

static bool parse_mode(arguments *parsed, const char *value) {
  static const char *const words[] = {"echo", "http", "discard"};
  size_t chosen = 0;
  if (!choose("--mode", value, words, 3, &chosen)) return false;
  parsed->mode = (server_mode)chosen;
  return true;
}

static bool parse_connections(arguments *parsed, const char *value) {
  char *end = NULL;
  errno = 0;
  parsed->connections = strtoul(value, &end, 10);
  if (errno != 0 || end == value || *end != '\0' || value[0] == '-' || parsed->connections == 0)
    return refuse("--connections", value, "a number from 1 on");
  return true;
}

/* --cert and --key come in pairs, but in any order: each fills the first item that still lacks it. */
static bool parse_file(identity_files_list *list, bool key, const char *value) {
  size_t i = 0;
  while (i < list->count && (key ? list->items[i].key : list->items[i].certificate) != NULL) i++;
  if (i == ARGUMENTS_IDENTITIES) return complain("at most 16 pairs of --cert and --key");
  if (key)
    list->items[i].key = value;
  else
    list->items[i].certificate = value;
  if (i == list->count) list->count++;
  return true;
}

static bool parse_sni(identity_files_list *list, char *value) {
  char *equals = strchr(value, '=');
  char *colon = equals != NULL ? strrchr(equals, ':') : NULL;
  if (colon == NULL || equals == value || colon == equals + 1 || colon[1] == '\0')
    return refuse("--sni", value, "NAME=CERT:KEY");
  if (list->count == ARGUMENTS_IDENTITIES) return complain("--sni: at most 16 times");
  *equals = '\0';
  *colon = '\0';
  list->items[list->count++] = (identity_files){value, equals + 1, colon + 1};
  return true;
}

static bool parse_address(arguments *parsed, const char *option, const char *value) {
  return net_address_parse(value, &parsed->address) || refuse(option, value, "HOST:PORT, or [ADDR]:PORT for IPv6");
}

static bool parse_option(arguments *parsed, int id, char *value) {
  switch (id) {
    case OPTION_ALPN:
      return parse_alpn(parsed, value);
    case OPTION_CA:
      parsed->ca = value;
      return true;
    case OPTION_CERT:
      return parse_file(&parsed->identities, false, value);
    case OPTION_CLIENT_CA:
      parsed->client_ca = value;
      return true;
    case OPTION_CLIENT_IDENTITY:
      return parse_policy(parsed, value);
    case OPTION_CONNECTIONS:
      return parse_connections(parsed, value);
    case OPTION_ENGINE:
      parsed->engine = value;
      return true;
    case OPTION_INFO:
      parsed->info = true;
      return true;
    case OPTION_JSON:
      parsed->json = true;
      return true;
    case OPTION_KEY:
      return parse_file(&parsed->identities, true, value);
    case OPTION_LISTEN:
      return parse_address(parsed, "--listen", value);
    case OPTION_MODE:
      return parse_mode(parsed, value);
    case OPTION_POST_HANDSHAKE_AUTH:
      parsed->post_handshake_auth = true;
      return true;
    case OPTION_SERVER_NAME:
      parsed->server_name = value;
      return true;
    case OPTION_SNI:
      return parse_sni(&parsed->sni, value);
    case OPTION_STEPS:
      return parse_steps(parsed, value);
    default:
      return parse_version(parsed, value);
  }
}

/* What no single option can know. */
static bool check_whole(arguments *parsed, int operands, char **operand) {
  for (size_t i = 0; i < parsed->identities.count; i++)
    if (parsed->identities.items[i].certificate == NULL || parsed->identities.items[i].key == NULL)
      return complain("--cert and --key come in pairs");
  if (parsed->command == COMMAND_CLIENT) {
    if (operands != 1) return complain("expected one HOST:PORT");
    if (!parse_address(parsed, "HOST:PORT", operand[0])) return false;
    return parsed->address.host[0] != '\0' || complain("HOST:PORT: the host is missing");
  }
  if (operands != 0) return complain("expected no operands");
  if (parsed->command == COMMAND_ENGINES) return true;
  if (parsed->identities.count == 0) return complain("a server needs --cert and --key");
  if (parsed->address.port[0] == '\0') return complain("a server needs --listen ADDR:PORT");
  bool asks = parsed->client_identity != WASI_TLS_CLIENT_IDENTITY_NONE || parsed->post_handshake_auth;
  if (asks && parsed->client_ca == NULL) return complain("asking for client identities needs --client-ca");
  return true;
}

static bool find_command(const char *name, command *found) {
  for (int i = 0; i < COMMAND_COUNT; i++) {
    if (strcmp(name, commands[i].name) != 0) continue;
    *found = (command)i;
    return true;
  }
  return false;
}

/* The commands' options, after argv[0] was moved on to the command. */
static bool parse_options(int argc, char **argv, arguments *parsed, bool *help) {
  opterr = 0;
  int id;
  while ((id = getopt_long(argc, argv, ":", commands[parsed->command].options, NULL)) != -1) {
    if (id == OPTION_HELP) {
      *help = true;
      return true;
    }
    if (id == '?' || id == ':')
      return refuse(commands[parsed->command].name, argv[optind - 1],
                    id == ':' ? "a value behind the option" : "one of the options that --help lists");
    if (!parse_option(parsed, id, optarg)) return false;
  }
  return check_whole(parsed, argc - optind, argv + optind);
}

bool arguments_parse(int argc, char **argv, arguments *parsed, int *exit_code) {
  *parsed = (arguments){0};
  bool help = false;
  *exit_code = EXIT_CODE_USAGE;
  if (argc < 2) return complain("expected a command: engines, client or server; see --help");
  if (strcmp(argv[1], "--help") == 0) {
    (void)fputs(help_main, stdout);
    *exit_code = EXIT_CODE_OK;
    return false;
  }
  if (!find_command(argv[1], &parsed->command)) return refuse("command", argv[1], "engines, client or server");
  if (!parse_options(argc - 1, argv + 1, parsed, &help)) return false;
  *exit_code = EXIT_CODE_OK;
  if (help) (void)fputs(help_commands[parsed->command], stdout);
  return !help;
}
