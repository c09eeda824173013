# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

# Turns the project's warnings on for a target.
function(wasi_tls_warnings target)
  set(c_only -Wstrict-prototypes -Wmissing-prototypes)
  # GCC 12 sees overruns in the standard library's own vector and string (GCC bugs 105329 and 105651).
  set(gnu_cxx_false -Wno-array-bounds -Wno-restrict -Wno-stringop-overflow -Wno-stringop-overread)
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion
    "$<$<COMPILE_LANGUAGE:C>:${c_only}>"
    "$<$<COMPILE_LANG_AND_ID:CXX,GNU>:${gnu_cxx_false}>"
    $<$<BOOL:${WASI_TLS_WERROR}>:-Werror>)
endfunction()
