/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "connection.h"

struct wasi_tls_pollable {
  wtls_connection *connection;
  wtls_event event;
  wasi_tls_step step;
  wtls_waiter waiter;
};

wasi_tls_result wtls_pollable_new(wtls_connection *connection, wtls_event event, wasi_tls_step step,
                                  wasi_tls_pollable **pollable) {
  wasi_tls_pollable *made = wtls_alloc(wtls_connection_allocator(connection), sizeof(*made));
  if (made == NULL) return WASI_TLS_ERR_OUT_OF_MEMORY;
  made->connection = wtls_connection_hold(connection);
  connection->pollables++;
  made->event = event;
  made->step = step;
  *pollable = made;
  return WASI_TLS_OK;
}

/* With nothing but pollables left of the connection there is nothing to wait for, but that an alert is out. */
static bool is_orphan(const wasi_tls_pollable *self) {
  return self->connection->holds == self->connection->pollables && self->event != WTLS_EVENT_SENT;
}

bool wasi_tls_pollable_poll(wasi_tls_pollable *self, wasi_tls_waker waker) {
  return self == NULL || is_orphan(self) ||
         wtls_connection_wait(self->connection, &self->waiter, waker, self->event, self->step);
}

void wasi_tls_pollable_free(wasi_tls_pollable *self) {
  if (self == NULL) return;
  wtls_connection *connection = self->connection;
  wtls_waiter_disarm(connection, &self->waiter);
  connection->pollables--;
  wtls_release(wtls_connection_allocator(connection), self);
  wtls_connection_release(connection);
}
