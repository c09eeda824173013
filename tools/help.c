/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "help.h"

#define HELP_EXIT_CODES                                                    \
  "\n"                                                                     \
  "Exit codes:\n"                                                          \
  "  0  done\n"                                                            \
  "  1  the command line is wrong\n"                                       \
  "  2  the configuration is wrong, or a file could not be used\n"         \
  "  3  the address could not be connected to or listened on\n"            \
  "  4  the handshake failed\n"                                            \
  "  5  the connection failed after the handshake (truncation included)\n" \
  "\n"                                                                     \
  "Errors are lines on standard error:\n"                                  \
  "  wasi-tls: error: CLASS: RESULT: TEXT[ (alert N NAME, sent|received)][ (verify REASON at depth D)]\n"

const char help_main[] =
    "Usage: wasi-tls COMMAND [OPTION]...\n"
    "\n"
    "  wasi-tls engines   list the TLS engines that are built in, and what each can do\n"
    "  wasi-tls client    connect standard input and output to a TLS server\n"
    "  wasi-tls server    serve many TLS clients at once\n"
    "\n"
    "wasi-tls COMMAND --help describes a command.\n" HELP_EXIT_CODES;

static const char help_engines[] =
    "Usage: wasi-tls engines [--json]\n"
    "\n"
    "Lists the TLS engines that are built in: name, version, capabilities.\n"
    "\n"
    "  --json  one JSON array instead of a table\n" HELP_EXIT_CODES;

static const char help_client[] =
    "Usage: wasi-tls client [OPTION]... HOST:PORT\n"
    "\n"
    "Sends standard input to the server and writes what comes back to standard output, both at once.\n"
    "At the end of the input the TLS connection is closed in that direction (close_notify); the program\n"
    "ends when the server closes its own. An IPv6 address is written in brackets: [::1]:443.\n"
    "\n"
    "  --engine E        the TLS engine; default: the first that is built in\n"
    "  --ca FILE         trust the PEM certificates of FILE, instead of the system's\n"
    "  --server-name N   the name to ask for and to verify; default: HOST\n"
    "  --alpn A,B        application protocols to offer, most wanted first\n"
    "  --cert F --key F  an identity to show if the server asks; may be repeated, most wanted first;\n"
    "                    with one, post-handshake authentication is offered too\n"
    "  --tls 1.2|1.3     only this version\n"
    "  --steps LIST      stop the handshake at: verify (when the server's identity is verified),\n"
    "                    identity (when the server asks for an identity); or verify,identity\n"
    "  --info            print the connection's properties as one JSON object on standard error\n" HELP_EXIT_CODES;

static const char help_server[] =
    "Usage: wasi-tls server [OPTION]... --cert F --key F --listen ADDR:PORT\n"
    "\n"
    "Serves any number of clients at once. Prints \"listening on ADDR:PORT\" when it is ready. A handshake\n"
    "may take 10 seconds, an idle connection is ended after 60. SIGTERM and SIGINT end it with exit code 0.\n"
    "A connection that fails is an error line; it does not change the exit code.\n"
    "\n"
    "  --listen ADDR:PORT    where; port 0 takes a free one; IPv6 in brackets: [::1]:8443\n"
    "  --cert F --key F      an identity (certificate chain and private key); may be repeated, pairs in\n"
    "                        order, most wanted first; the first that suits the client is used\n"
    "  --sni NAME=CERT:KEY   an identity for clients that ask for NAME; may be repeated\n"
    "  --engine E            the TLS engine; default: the first that is built in\n"
    "  --alpn A,B            application protocols to accept, most wanted first\n"
    "  --client-identity P   none (the default), optional or required\n"
    "  --client-ca FILE      trust the PEM certificates of FILE as issuers of client identities\n"
    "  --post-handshake-auth with --mode http: ask for the client's identity when the path of a request\n"
    "                        begins with /secure and there is none yet (TLS 1.3)\n"
    "  --tls 1.2|1.3         only this version\n"
    "  --mode echo           send everything back (the default)\n"
    "  --mode http           answer one request with the connection's properties as JSON\n"
    "  --mode discard        read everything, send nothing\n"
    "  --connections N       end after N connections have ended\n" HELP_EXIT_CODES;

const char *const help_commands[COMMAND_COUNT] = {
    [COMMAND_ENGINES] = help_engines, [COMMAND_CLIENT] = help_client, [COMMAND_SERVER] = help_server};
