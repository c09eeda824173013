/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "net.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "report.h"

enum { CONNECT_MS = 10000, BACKLOG = 511 };

bool net_address_parse(const char *text, net_address *address) {
  const char *colon = strrchr(text, ':');
  if (colon == NULL || colon[1] == '\0' || strlen(colon + 1) >= sizeof(address->port)) return false;
  const char *host = text;
  size_t len = (size_t)(colon - text);
  if (host[0] == '[') {
    if (len < 3 || host[len - 1] != ']') return false;
    host++;
    len -= 2;
  } else if (memchr(host, ':', len) != NULL) {
    return false;
  }
  if (len >= sizeof(address->host)) return false;
  memcpy(address->host, host, len);
  address->host[len] = '\0';
  memcpy(address->port, colon + 1, strlen(colon + 1) + 1);
  return true;
}

static struct addrinfo *resolve(const net_address *address, int flags) {
  struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = flags};
  struct addrinfo *list = NULL;
  int failure = getaddrinfo(address->host[0] != '\0' ? address->host : NULL, address->port, &hints, &list);
  if (failure == 0) return list;
  report_text("transport", "resolve", "%s:%s: %s", address->host, address->port,
              failure == EAI_SYSTEM ? strerror(errno) : gai_strerror(failure));
  return NULL;
}

static int open_socket(const struct addrinfo *entry) {
  return socket(entry->ai_family, entry->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, entry->ai_protocol);
}

/* Waits for a connection under way. 0, or the errno of what went wrong. */
static int await_connection(int fd, int64_t deadline) {
  struct pollfd entry = {.fd = fd, .events = POLLOUT};
  int ready;
  do {
    int64_t left = deadline - clock_ms();
    ready = poll(&entry, 1, left > 0 ? (int)left : 0);
  } while (ready < 0 && errno == EINTR);
  if (ready < 0) return errno;
  if (ready == 0) return ETIMEDOUT;
  int failure = 0;
  socklen_t size = sizeof(failure);
  return getsockopt(fd, SOL_SOCKET, SO_ERROR, &failure, &size) == 0 ? failure : errno;
}

/* A connected socket, or -1 and errno. */
static int connect_one(const struct addrinfo *entry, int64_t deadline) {
  int fd = open_socket(entry);
  if (fd < 0) return -1;
  int failure = 0;
  if (connect(fd, entry->ai_addr, entry->ai_addrlen) != 0)
    failure = errno == EINPROGRESS ? await_connection(fd, deadline) : errno;
  if (failure == 0) return fd;
  (void)close(fd);
  errno = failure;
  return -1;
}

/* Records are small and each flight is written at once: waiting for more to send only adds delay. */
static void send_at_once(int fd) {
  int on = 1;
  (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

int net_connect(const net_address *address) {
  struct addrinfo *list = resolve(address, 0);
  if (list == NULL) return -1;
  int64_t deadline = clock_ms() + CONNECT_MS;
  int fd = -1;
  for (const struct addrinfo *entry = list; entry != NULL && fd < 0; entry = entry->ai_next)
    fd = connect_one(entry, deadline);
  if (fd < 0) report_text("transport", "connect", "%s:%s: %s", address->host, address->port, strerror(errno));
  if (fd >= 0) send_at_once(fd);
  freeaddrinfo(list);
  return fd;
}

/* A listening socket, or -1 and errno. */
static int listen_one(const struct addrinfo *entry) {
  int fd = open_socket(entry);
  if (fd < 0) return -1;
  int on = 1;
  (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (bind(fd, entry->ai_addr, entry->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0) return fd;
  int failure = errno;
  (void)close(fd);
  errno = failure;
  return -1;
}

static bool describe(int fd, char *where, size_t size) {
  struct sockaddr_storage bound = {0};
  socklen_t len = sizeof(bound);
  char host[INET6_ADDRSTRLEN + 16];
  char port[16];
  if (getsockname(fd, (struct sockaddr *)&bound, &len) != 0) return false;
  if (getnameinfo((struct sockaddr *)&bound, len, host, sizeof(host), port, sizeof(port),
                  NI_NUMERICHOST | NI_NUMERICSERV) != 0)
    return false;
  (void)snprintf(where, size, bound.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
  return true;
}

int net_listen(const net_address *address, char *where, size_t size) {
  struct addrinfo *list = resolve(address, AI_PASSIVE);
  if (list == NULL) return -1;
  int fd = -1;
  for (const struct addrinfo *entry = list; entry != NULL && fd < 0; entry = entry->ai_next) fd = listen_one(entry);
  freeaddrinfo(list);
  if (fd >= 0 && describe(fd, where, size)) return fd;
  report_text("transport", "listen", "%s:%s: %s", address->host, address->port, strerror(errno));
  if (fd >= 0) (void)close(fd);
  return -1;
}

int net_accept(int listener) {
  int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd >= 0) send_at_once(fd);
  return fd;
}
