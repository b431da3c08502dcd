# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
#
# Tests that look at the whole tree.

$(call chim_test,tree,check-tree,scripts/check_tree.py --tests $(B)/tests.list)
$(call chim_test,gen-check,contract-current,scripts/gen_check.sh)
$(call chim_test,format,format-c,scripts/format.py c)
$(call chim_test,format,format-cpp,scripts/format.py cpp)
$(call chim_test,format,format-sv,scripts/format.py sv)
$(call chim_test,lint,cppcheck,scripts/lint.sh cppcheck,,timeout=240)
$(call chim_test,lint,shell-syntax,scripts/lint.sh shell)
$(call chim_test,lint,python-syntax,scripts/lint.sh python)
