/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 *   streams
 *
 * Connections over streams of every kind that there is besides sockets. Whatever comes from there is no handshake.
 */
#include "shared/hostile.h"

typedef wasi_filesystem_types_own_descriptor_t descriptor;

static descriptor open_file(const char *folder, const char *name, uint8_t open_flags, uint8_t flags) {
  wasi_filesystem_preopens_list_tuple2_own_descriptor_string_t folders;
  wasi_filesystem_types_error_code_t error;
  descriptor opened = {0};
  wasi_filesystem_preopens_get_directories(&folders);
  for (size_t i = 0; i < folders.len; i++) {
    guest_string_t path = text(name), *at = &folders.ptr[i].f1;
    bool wanted = at->len == text(folder).len && at->ptr[1] == (uint8_t)folder[1];
    if (wanted)
      check(wasi_filesystem_types_method_descriptor_open_at(wasi_filesystem_types_borrow_descriptor(folders.ptr[i].f0),
                                                            0, &path, open_flags, flags, &opened, &error),
            name);
    wasi_filesystem_types_descriptor_drop_own(folders.ptr[i].f0);
    guest_string_free(at);
  }
  check(opened.__handle != 0, folder);
  return opened;
}

static input_stream from_file(void) {
  input_stream made;
  wasi_filesystem_types_error_code_t error;
  descriptor file = open_file("/pki", "root.pem", 0, WASI_FILESYSTEM_TYPES_DESCRIPTOR_FLAGS_READ);
  check(wasi_filesystem_types_method_descriptor_read_via_stream(wasi_filesystem_types_borrow_descriptor(file), 0, &made,
                                                                &error),
        "read-via-stream");
  wasi_filesystem_types_descriptor_drop_own(file);
  return made;
}

static output_stream to_file(void) {
  output_stream made;
  wasi_filesystem_types_error_code_t error;
  descriptor file = open_file("/out", "written", WASI_FILESYSTEM_TYPES_OPEN_FLAGS_CREATE,
                              WASI_FILESYSTEM_TYPES_DESCRIPTOR_FLAGS_WRITE);
  check(wasi_filesystem_types_method_descriptor_write_via_stream(wasi_filesystem_types_borrow_descriptor(file), 0,
                                                                 &made, &error),
        "write-via-stream");
  wasi_filesystem_types_descriptor_drop_own(file);
  return made;
}

static void expect_failure(role role, streams raw) {
  end self = new_end(role, raw), nobody = {.role = role};
  check(begin(&self) && first_step(&self), "first step");
  check(drive(&self, FIRST_POLLABLE, &nobody, FIRST_POLLABLE) && !take_first(&self), "no handshake");
  finish(&self);
  check(is_ready(self.of[FINISH_POLLABLE]) && !take_streams(&self), "no streams");
  drop_end(&self);
}

/* A server's end over the input of one connection and the output of another: neither is a handshake. */
static void cross_connections(void) {
  pair one = pair_at(CLIENT, AT_OPEN), other = pair_at(CLIENT, AT_OPEN);
  end *from = &one.ends[CLIENT], *to = &other.ends[CLIENT];
  streams raw = {{from->of[INPUT]}, {to->of[OUTPUT]}};
  from->of[INPUT] = to->of[OUTPUT] = 0;
  check(write_all((output_stream){one.ends[SERVER].of[OUTPUT]}, text_bytes("certainly not a ClientHello")) == IO_OK,
        "write");
  expect_failure(SERVER, raw);
  drop_pair(&one);
  drop_pair(&other);
}

void scenario_streams(const arguments *all) {
  check(all->count == 0, "arguments");
  for (role role = CLIENT; role <= SERVER; role++) {
    expect_failure(role, standard_streams());
    expect_failure(role, (streams){from_file(), wasi_cli_stdout_get_stdout()});
    expect_failure(role, (streams){from_file(), to_file()});
    expect_failure(role, (streams){wasi_cli_stdin_get_stdin(), to_file()});
  }
  cross_connections();
}
