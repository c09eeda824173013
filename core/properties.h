/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* The getters of both connection resources: false is none. */
#ifndef WASI_TLS_CORE_PROPERTIES_H
#define WASI_TLS_CORE_PROPERTIES_H

#include "connection.h"

bool wtls_property_server_name(const wtls_connection *connection, wasi_tls_bytes *value);
bool wtls_property_alpn_id(const wtls_connection *connection, wasi_tls_bytes *value);
bool wtls_property_own_identity(const wtls_connection *connection, wasi_tls_private_identity **value);
bool wtls_property_peer_identity(const wtls_connection *connection, wasi_tls_public_identity **value);
bool wtls_property_protocol_version(const wtls_connection *connection, wasi_tls_protocol_version *value);
bool wtls_property_cipher_suite(const wtls_connection *connection, wasi_tls_cipher_suite *value);

#endif
