// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <iostream>

#include "case.h"

int main(int argc, char **argv) {
  testing::InitGoogleTest(&argc, argv);
  for (int i = 1; i + 1 < argc; i++) {
    if (std::string_view(argv[i]) != "--backend") continue;
    std::string wrong = conformance::load_engine(argv[i + 1]);
    if (wrong.empty()) continue;
    std::cerr << wrong << "\n";
    return 2;
  }
  conformance::register_all_cases();
  return RUN_ALL_TESTS();
}
