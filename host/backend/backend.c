/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Opens a device by its name. Hard part: none; one table of kinds.
 */
#include "chimney/backend.h"

#include <errno.h>
#include <string.h>

#include "kinds.h"

static const struct {
	const char *kind; /* before the colon */
	int needs_name;
	int (*open)(const char *name, struct chim_backend **be);
} kinds[] = {
	{ "vfio", 1, chim_vfio_open },
	{ "vfio-user", 1, chim_vfio_user_open },
	{ "model", 0, chim_model_backend_open },
};

int chim_backend_open(const char *spec, struct chim_backend **be)
{
	size_t len = strcspn(spec, ":"), i;
	const char *name = spec[len] ? spec + len + 1 : "";

	*be = NULL;
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strlen(kinds[i].kind) != len || strncmp(kinds[i].kind, spec, len))
			continue;
		if (kinds[i].needs_name && !*name)
			return -EINVAL;
		return kinds[i].open(name, be);
	}
	return -EINVAL;
}

void chim_backend_close(struct chim_backend *be)
{
	if (be)
		be->ops->close(be);
}
