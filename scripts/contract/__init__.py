# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
"""Reader and writers of the hardware contract; started by scripts/contract_gen.py."""
