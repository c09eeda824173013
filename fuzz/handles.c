/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "handles.h"

static void drop(handle dropped) {
  switch (dropped.kind) {
    case CLIENT:
      wasi_tls_client_connection_free(dropped.object);
      break;
    case SERVER:
      wasi_tls_server_connection_free(dropped.object);
      break;
    case CLIENT_HANDSHAKE:
      wasi_tls_client_handshake_free(dropped.object);
      break;
    case SERVER_HANDSHAKE:
      wasi_tls_server_handshake_free(dropped.object);
      break;
    case HELLO:
      wasi_tls_client_hello_free(dropped.object);
      break;
    case REQUEST:
      wasi_tls_client_identity_request_free(dropped.object);
      break;
    case FUTURE_STREAMS:
      wasi_tls_future_streams_free(dropped.object);
      break;
    case FUTURE_HELLO:
      wasi_tls_future_client_hello_free(dropped.object);
      break;
    case FUTURE_IDENTITY:
      wasi_tls_future_public_identity_free(dropped.object);
      break;
    case FUTURE_REQUEST:
      wasi_tls_future_client_identity_request_free(dropped.object);
      break;
    case POLLABLE:
      wasi_tls_pollable_free(dropped.object);
      break;
    case INPUT:
      wasi_tls_input_stream_free(dropped.object);
      break;
    case OUTPUT:
      wasi_tls_output_stream_free(dropped.object);
      break;
    case PUBLIC_IDENTITY:
      wasi_tls_public_identity_free(dropped.object);
      break;
    case PRIVATE_IDENTITY:
      wasi_tls_private_identity_free(dropped.object);
      break;
  }
}

void handles_add(handles *self, kind kind, wasi_tls_role role, void *object) {
  if (object == NULL) return;
  handle added = {kind, role, object};
  if (self->count == MAX_HANDLES) {
    drop(added);
    return;
  }
  self->all[self->count++] = added;
}

handle handles_pick(const handles *self, kind kind, uint8_t which) {
  size_t fitting[MAX_HANDLES];
  size_t count = 0;
  for (size_t i = 0; i < self->count; i++) {
    if (self->all[i].kind == kind) fitting[count++] = i;
  }
  if (count == 0) return (handle){.kind = kind};
  return self->all[fitting[which % count]];
}

bool handles_have(const handles *self, kind kind, wasi_tls_role role) {
  for (size_t i = 0; i < self->count; i++) {
    if (self->all[i].kind == kind && self->all[i].role == role) return true;
  }
  return false;
}

void handles_drop(handles *self, size_t index) {
  drop(self->all[index]);
  self->count--;
  for (size_t i = index; i < self->count; i++) self->all[i] = self->all[i + 1];
}
