/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Back end model: the NIC's model in this process, stepped by poll. This header is for who wants
 * more than chim_backend_open("model:...") gives: a wire or a model of its own, statistics. Hard
 * part: none.
 */
#ifndef CHIM_BACKEND_MODEL_H
#define CHIM_BACKEND_MODEL_H

#include "chimney/backend.h"
#include "../../sim/shell/options.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * chim_model_backend_create() - a model with parts of the caller's
 * @o:    options; o->wire is not used if @wire is given
 * @wire: taken over on success; NULL: o->wire is opened. One end of chim_wire_pair() lets a test
 *        play the peer
 * @api:  a model linked statically (CHIM_MODEL_API_STATIC), or NULL: o->config is loaded
 * @what: out, may be NULL: which part failed
 * Return: as chim_options_open().
 */
int chim_model_backend_create(const struct chim_options *o, struct chim_wire *wire,
			      const struct chim_model_api *api, struct chim_backend **be,
			      const char **what);

/* The shell of a back end of this kind, for statistics and capture; NULL for any other. */
struct chim_shell *chim_model_backend_shell(struct chim_backend *be);

#ifdef __cplusplus
}
#endif
#endif
