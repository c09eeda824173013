# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

if(WASI_TLS_SANITIZE)
  add_compile_options(-fsanitize=${WASI_TLS_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${WASI_TLS_SANITIZE})
endif()
if(WASI_TLS_COVERAGE)
  add_compile_options(--coverage)
  add_link_options(--coverage)
endif()
