/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The control socket of `chimney up`: one JSON object per line in, one per line out; a request may
 * wait (bounded) for something to happen. A descriptor may come along (SCM_RIGHTS). Hard part: a
 * client that sends nonsense, or goes away, must disturb nobody.
 *
 *   {"verb": "conn upload", "id": 1, "timeout_ms": 1000}
 *   {"schema": 1, "ok": true, "data": {...}}
 *   {"schema": 1, "ok": false, "errno": 110, "cause": "no such backlog within 1000 ms"}
 */
#ifndef CHIM_LINUX_CONTROL_H
#define CHIM_LINUX_CONTROL_H

#include "value.h"

struct chim_prog;
struct chim_control;

enum {
	CHIM_CONTROL_SCHEMA = 1,   /* changes when keys of answers do */
	CHIM_CONTROL_LINE = 65536, /* bytes of a request, at most */
	CHIM_CONTROL_CLIENTS = 32,
};

/* One request while it is being answered. */
struct chim_request {
	struct chim_prog *prog;
	const struct chim_val *args;
	struct chim_val *data; /* the answer's object, to be filled */
	int *fd;	       /* a descriptor that came along, or -1; set to -1 when taken */
	const char *cause;     /* of an error; constant text */
	uint64_t since_ms;     /* when it came */
	/* private to the verb, zero at the first call */
	unsigned int step;
	uint64_t mark;
};

/* What a verb returns to be called again, at every round of the loop. */
#define CHIM_AGAIN 1

/*
 * A verb of the program. Return: 0 answered; CHIM_AGAIN not yet (r->step tells where it was);
 * -errno with r->cause.
 */
struct chim_control_verb {
	const char *name;
	int (*fn)(struct chim_request *r);
};

extern const struct chim_control_verb chim_control_verbs[]; /* ends with name NULL */

/* 0; -EADDRINUSE another program answers there; -errno. A dead program's socket is replaced. */
int chim_control_open(struct chim_prog *prog, const char *path, struct chim_control **control);
void chim_control_close(struct chim_control *control);
/* Ask waiting requests again. Return: how many still wait. */
unsigned int chim_control_tick(struct chim_control *control);

#endif
