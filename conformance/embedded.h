// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Files that are part of the program: wasi_tls_embed (cmake/embed.cmake) makes a table of them, whose name is declared
// where it is used, in this namespace: extern const EmbeddedFiles catalogue_files;
#ifndef WASI_TLS_CONFORMANCE_EMBEDDED_H
#define WASI_TLS_CONFORMANCE_EMBEDDED_H

#include <cstddef>
#include <string_view>

namespace conformance {

struct EmbeddedFile {
  std::string_view name;  // without its folder
  std::string_view text;
};

// In the order in which wasi_tls_embed was given them.
struct EmbeddedFiles {
  const EmbeddedFile *files;
  std::size_t count;

  const EmbeddedFile *begin() const {
    return files;
  }
  const EmbeddedFile *end() const {
    return files + count;
  }
};

}  // namespace conformance

#endif
