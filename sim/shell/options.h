/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The options of a model and its wire, by name: the same for "model:..." back ends, chimney-model's
 * command line and benches. Hard part: none; one table in options.c is the list.
 */
#ifndef CHIM_SHELL_OPTIONS_H
#define CHIM_SHELL_OPTIONS_H

#include "shell.h"

#ifdef __cplusplus
extern "C" {
#endif

#define CHIM_OPTION_TEXT 512

struct chim_options {
	char config[64];
	char dir[CHIM_OPTION_TEXT];
	char wire[CHIM_OPTION_TEXT];
	char pcap[CHIM_OPTION_TEXT];
	char fst[CHIM_OPTION_TEXT];
	char log[CHIM_OPTION_TEXT];
	int pcap_wall;
	uint32_t cycles_per_ms;
	uint32_t mem_latency;
	uint32_t stall_percent;
	struct chim_impair_cfg link;
};

/* Default: w64_c64, wire "loop", real time, a clean cable. */
void chim_options_init(struct chim_options *o);

/**
 * chim_options_set() - one option
 * @name:  as chim_options_help() lists it
 * @value: text; NULL counts as ""
 * Return: 0; -ENOENT no such option; -EINVAL the value does not fit it.
 */
int chim_options_set(struct chim_options *o, const char *name, const char *value);

/**
 * chim_options_parse() - "CONFIG,name=value,..." or "name=value,..." or ""
 * @bad: out, may be NULL: the piece at fault, when an error is returned
 * Return: 0; -ENOENT; -EINVAL.
 */
int chim_options_parse(struct chim_options *o, const char *text, char bad[CHIM_OPTION_TEXT]);

/* Options, one per call from @i = 0: name, form of the value, meaning. 0 behind the last. */
int chim_options_help(unsigned int i, const char **name, const char **form, const char **meaning);

/**
 * chim_options_open() - build the shell that the options describe
 * @wire: use this wire (taken over on success) instead of opening o->wire; NULL: open it
 * @api:  a model linked statically, or NULL: load o->config
 * @what: out, may be NULL: which part failed ("model", "wire", "log", "device"), for a message
 * Return: 0; as chim_model_load(), chim_wire_open(), chim_shell_open(); -errno of the log's file.
 */
int chim_options_open(const struct chim_options *o, struct chim_wire *wire,
		      const struct chim_model_api *api, const struct chim_shell_host *host,
		      void *ctx, struct chim_shell **shell, const char **what);

#ifdef __cplusplus
}
#endif
#endif
