# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
#
# One test "formal-JOB" for each [[job]] of rtl/*/jobs.toml and tests/formal/*_jobs.toml.

CHIM_JOBS_FILES := $(wildcard rtl/*/jobs.toml tests/formal/*_jobs.toml)
# FILE:NAME of each job
CHIM_JOBS := $(if $(CHIM_JOBS_FILES),$(shell sed -n -s \
  's/^name *= *"\([A-Za-z0-9_-]*\)".*/\1/;T;F;p' $(CHIM_JOBS_FILES) | paste -d: - -))

chim_job = $(call chim_test,formal,formal-$2,scripts/formal.py $1 $2,,timeout=280)
$(foreach j,$(CHIM_JOBS),$(call chim_job,$(firstword $(subst :, ,$j)),$(lastword $(subst :, ,$j))))
