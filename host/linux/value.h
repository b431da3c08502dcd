/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * A JSON value in memory (RFC 8259): built by the verbs, sent over the control socket, printed as
 * JSON or as text by one function each. Hard part: parsing what comes from outside within bounds.
 *
 * A builder that runs out of memory makes the value it builds on "broken", which chim_val_write()
 * reports; no builder call needs a check of its own.
 */
#ifndef CHIM_LINUX_VALUE_H
#define CHIM_LINUX_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum chim_val_kind {
	CHIM_VAL_NULL,
	CHIM_VAL_BOOL,
	CHIM_VAL_INT,
	CHIM_VAL_REAL,
	CHIM_VAL_TEXT,
	CHIM_VAL_LIST,
	CHIM_VAL_OBJECT,
};

struct chim_val {
	enum chim_val_kind kind;
	char *key;	       /* in an object; owned */
	struct chim_val *next; /* sibling */
	union {
		bool boolean;
		int64_t integer;
		double real;
		char *text; /* owned */
		struct {
			struct chim_val *first, *last;
			bool broken; /* a member could not be added */
		} items;
	} u;
};

/* A value of its own; NULL: no memory. Freed by chim_val_free() or by what it was put into. */
struct chim_val *chim_val_object(void);
struct chim_val *chim_val_list(void);
struct chim_val *chim_val_text(const char *text);
void chim_val_free(struct chim_val *v);

/* Put @item (NULL: breaks @v) into an object under @key, or at the end of a list with @key NULL. */
void chim_val_put(struct chim_val *v, const char *key, struct chim_val *item);
void chim_val_put_int(struct chim_val *v, const char *key, int64_t n);
void chim_val_put_real(struct chim_val *v, const char *key, double x);
void chim_val_put_bool(struct chim_val *v, const char *key, bool b);
void chim_val_put_text(struct chim_val *v, const char *key, const char *text);
void chim_val_put_form(struct chim_val *v, const char *key, const char *form, ...)
	__attribute__((format(printf, 3, 4)));
/* New object or list inside @v; NULL only after it broke @v, and the calls above accept NULL. */
struct chim_val *chim_val_put_object(struct chim_val *v, const char *key);
struct chim_val *chim_val_put_list(struct chim_val *v, const char *key);

/* Members; NULL, or @other, if there is none or it is of another kind. */
const struct chim_val *chim_val_get(const struct chim_val *v, const char *key);
const char *chim_val_get_text(const struct chim_val *v, const char *key, const char *other);
int64_t chim_val_get_int(const struct chim_val *v, const char *key, int64_t other);
bool chim_val_get_bool(const struct chim_val *v, const char *key, bool other);

/**
 * chim_val_parse() - read one JSON text
 * Return: 0; -EINVAL not JSON, nested deeper than 32, a number beyond 64 bits, or something behind
 * it; -ENOMEM.
 */
int chim_val_parse(const char *text, size_t len, struct chim_val **out);

/**
 * chim_val_write() - as JSON on one line, without the newline
 * @out: malloc()ed text
 * Return: its length; -ENOMEM, also when @v is broken.
 */
int chim_val_write(const struct chim_val *v, char **out);

/* As JSON over several lines (2 blanks per level), with a newline at the end. */
void chim_val_print_json(FILE *f, const struct chim_val *v, bool pretty);
/* As text: members one per line, a list of objects as a table. */
void chim_val_print_text(FILE *f, const struct chim_val *v);

#endif
