#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
#
# as_user.sh COMMAND...: runs it with an ordinary user's rights, as root of a user namespace; a test
# that may not make one is skipped.
why=$(unshare --user --map-root-user true 2>&1) || { echo "SKIP: $why"; exit 77; }
exec unshare --user --map-root-user "$@"
