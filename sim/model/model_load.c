/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Loads a model's shared object, see model_load.h.
 */
#include "model_load.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATH_ROOM 4096
#define LEVELS	  6 /* folders above the executable that are searched; tests lie deep in build/ */

static int valid_config(const char *config)
{
	return *config && strlen(config) < 64 &&
	       strspn(config, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(config);
}

/* 0 and @path if @dir/@sub/chim_model_@config.so is readable. */
static int try_dir(const char *dir, const char *sub, const char *config, char path[PATH_ROOM])
{
	int n = snprintf(path, PATH_ROOM, "%s%s/chim_model_%s.so", dir, sub, config);

	if (n < 0 || n >= PATH_ROOM)
		return -ENOENT;
	return access(path, R_OK) ? -ENOENT : 0;
}

static int find(const char *config, const char *dir, char path[PATH_ROOM])
{
	char at[PATH_ROOM];
	ssize_t got;
	int level;

	if (!dir)
		dir = getenv("CHIM_MODEL_DIR");
	if (dir)
		return try_dir(dir, "", config, path);
	got = readlink("/proc/self/exe", at, sizeof(at) - 1);
	if (got <= 0)
		return -ENOENT;
	at[got] = 0;
	for (level = 0; level <= LEVELS; level++) {
		char *slash = strrchr(at, '/');

		if (!slash)
			break;
		*slash = 0;
		if (!try_dir(at, "/model", config, path))
			return 0;
	}
	return -ENOENT;
}

/* POSIX lets an object pointer from dlsym() be a function's; ISO C has no cast for it. */
static int symbol(void *handle, const char *name, void *slot)
{
	void *p = dlsym(handle, name);

	memcpy(slot, &p, sizeof(p));
	return p ? 0 : -ENOEXEC;
}

int chim_model_load(const char *config, const char *dir, struct chim_model_api *api)
{
	char path[PATH_ROOM];
	void *h;
	int err;

	*api = (struct chim_model_api){ 0 };
	if (!valid_config(config))
		return -EINVAL;
	err = find(config, dir, path);
	if (err)
		return err;
	h = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!h)
		return -ENOEXEC;
	if (symbol(h, "chim_model_open", &api->open) ||
	    symbol(h, "chim_model_close", &api->close) ||
	    symbol(h, "chim_model_info", &api->info) ||
	    symbol(h, "chim_model_read32", &api->read32) ||
	    symbol(h, "chim_model_write32", &api->write32) ||
	    symbol(h, "chim_model_rx_frame", &api->rx_frame) ||
	    symbol(h, "chim_model_rx_waiting", &api->rx_waiting) ||
	    symbol(h, "chim_model_set_time", &api->set_time) ||
	    symbol(h, "chim_model_time", &api->time) || symbol(h, "chim_model_step", &api->step) ||
	    symbol(h, "chim_model_cycles", &api->cycles) ||
	    symbol(h, "chim_model_reset", &api->reset)) {
		dlclose(h);
		*api = (struct chim_model_api){ 0 };
		return -ENOEXEC;
	}
	api->handle = h;
	return 0;
}

void chim_model_unload(struct chim_model_api *api)
{
	if (api->handle)
		dlclose(api->handle);
	*api = (struct chim_model_api){ 0 };
}
