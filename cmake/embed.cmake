# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

# wasi_tls_embed(<target> <symbol> <file>...)
# Builds the files into the target, as the table conformance::<symbol> of conformance/embedded.h. Made anew when one of them
# changes. This file is also the script that makes it.
function(wasi_tls_embed target symbol)
  set(output ${CMAKE_CURRENT_BINARY_DIR}/${symbol}.cc)
  set(inputs "")
  foreach(file IN LISTS ARGN)
    cmake_path(ABSOLUTE_PATH file OUTPUT_VARIABLE input)
    list(APPEND inputs ${input})
  endforeach()
  list(JOIN inputs "|" joined)
  set(script ${CMAKE_CURRENT_FUNCTION_LIST_FILE})
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DSYMBOL=${symbol} -DOUTPUT=${output} "-DINPUTS=${joined}" -P ${script}
    DEPENDS ${inputs} ${script}
    VERBATIM)
  target_sources(${target} PRIVATE ${output})
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/conformance)
endfunction()

if(CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
  string(REPLACE "|" ";" inputs "${INPUTS}")
  set(arrays "")
  set(rows "")
  set(index 0)
  foreach(input IN LISTS inputs)
    file(READ ${input} bytes HEX)
    # Characters and not numbers: a byte over 127 would be narrowed.
    string(REGEX REPLACE "(..)" "'\\\\x\\1'," characters "${bytes}")
    cmake_path(GET input FILENAME name)
    string(APPEND arrays "constexpr char text_${index}[] = {${characters}'\\0'};\n")
    string(APPEND rows "    {\"${name}\", {text_${index}, sizeof(text_${index}) - 1}},\n")
    math(EXPR index "${index} + 1")
  endforeach()
  file(CONFIGURE OUTPUT ${OUTPUT} @ONLY CONTENT [[
#include "embedded.h"

namespace conformance {
namespace {
@arrays@
constexpr EmbeddedFile files[] = {
@rows@};
}  // namespace

extern const EmbeddedFiles @SYMBOL@;
const EmbeddedFiles @SYMBOL@ = {files, sizeof(files) / sizeof(*files)};
}  // namespace conformance
]])
endif()
