// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "case.h"

int main(int argc, char **argv) {
  testing::InitGoogleTest(&argc, argv);
  conformance::register_all_cases();
  return RUN_ALL_TESTS();
}
