/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Finds and loads one built model (a shared object per configuration). Hard part: finding it
 * without a compiled-in path.
 */
#ifndef CHIM_MODEL_LOAD_H
#define CHIM_MODEL_LOAD_H

#include "chim_model.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The calls of chim_model.h, of one loaded model. */
struct chim_model_api {
	void *handle; /* private; NULL: linked statically */
	int (*open)(const struct chim_model_cfg *cfg, struct chim_model **model);
	void (*close)(struct chim_model *m);
	const struct chim_model_info *(*info)(const struct chim_model *m);
	int (*read32)(struct chim_model *m, unsigned int bar, uint32_t off, uint32_t *val);
	int (*write32)(struct chim_model *m, unsigned int bar, uint32_t off, uint32_t val);
	int (*rx_frame)(struct chim_model *m, const uint8_t *frame, size_t len, uint64_t cookie);
	size_t (*rx_waiting)(const struct chim_model *m);
	void (*set_time)(struct chim_model *m, uint32_t ms);
	uint32_t (*time)(const struct chim_model *m);
	uint64_t (*step)(struct chim_model *m, uint64_t cycles, int until_idle);
	uint64_t (*cycles)(const struct chim_model *m);
	void (*reset)(struct chim_model *m);
};

/* Initialiser for a program that a model is linked into. */
#define CHIM_MODEL_API_STATIC                                                                     \
	{                                                                                         \
		NULL, chim_model_open, chim_model_close, chim_model_info, chim_model_read32,      \
			chim_model_write32, chim_model_rx_frame, chim_model_rx_waiting,           \
			chim_model_set_time, chim_model_time, chim_model_step, chim_model_cycles, \
			chim_model_reset                                                          \
	}

#define CHIM_MODEL_DEFAULT "w64_c64"

/**
 * chim_model_load() - load build/model/chim_model_<config>.so
 * @config: a configuration, e.g. "w64_c64"; letters, digits and '_' only
 * @dir:    folder to look in; NULL: environment variable CHIM_MODEL_DIR, else folder "model" beside
 *          the executable or in one of the six folders above it
 *
 * Return: 0; -EINVAL @config; -ENOENT no such build; -ENOEXEC it is not a model or does not load.
 */
int chim_model_load(const char *config, const char *dir, struct chim_model_api *api);

/* No model that was opened through @api may be open. Statically linked: does nothing. */
void chim_model_unload(struct chim_model_api *api);

#ifdef __cplusplus
}
#endif
#endif
