/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Building, reading and freeing of JSON values in memory. Hard part: a lack of memory must show.
 */
#include "value.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static struct chim_val *new_value(enum chim_val_kind kind)
{
	struct chim_val *v = calloc(1, sizeof(*v));

	if (v)
		v->kind = kind;
	return v;
}

static bool is_container(const struct chim_val *v)
{
	return v && (v->kind == CHIM_VAL_LIST || v->kind == CHIM_VAL_OBJECT);
}

struct chim_val *chim_val_object(void)
{
	return new_value(CHIM_VAL_OBJECT);
}

struct chim_val *chim_val_list(void)
{
	return new_value(CHIM_VAL_LIST);
}

struct chim_val *chim_val_text(const char *text)
{
	struct chim_val *v = new_value(CHIM_VAL_TEXT);

	if (!v)
		return NULL;
	v->u.text = strdup(text);
	if (!v->u.text) {
		free(v);
		return NULL;
	}
	return v;
}

void chim_val_free(struct chim_val *v)
{
	if (!v)
		return;
	if (v->kind == CHIM_VAL_TEXT)
		free(v->u.text);
	if (is_container(v)) {
		while (v->u.items.first) {
			struct chim_val *item = v->u.items.first;

			v->u.items.first = item->next;
			chim_val_free(item);
		}
	}
	free(v->key);
	free(v);
}

void chim_val_put(struct chim_val *v, const char *key, struct chim_val *item)
{
	char *copy = NULL;

	if (!v || !item || (key && !(copy = strdup(key)))) {
		chim_val_free(item);
		if (v)
			v->u.items.broken = true;
		return;
	}
	item->key = copy;
	if (v->u.items.last)
		v->u.items.last->next = item;
	else
		v->u.items.first = item;
	v->u.items.last = item;
}

void chim_val_put_int(struct chim_val *v, const char *key, int64_t n)
{
	struct chim_val *item = new_value(CHIM_VAL_INT);

	if (item)
		item->u.integer = n;
	chim_val_put(v, key, item);
}

void chim_val_put_real(struct chim_val *v, const char *key, double x)
{
	struct chim_val *item = new_value(CHIM_VAL_REAL);

	if (item)
		item->u.real = x;
	chim_val_put(v, key, item);
}

void chim_val_put_bool(struct chim_val *v, const char *key, bool b)
{
	struct chim_val *item = new_value(CHIM_VAL_BOOL);

	if (item)
		item->u.boolean = b;
	chim_val_put(v, key, item);
}

void chim_val_put_text(struct chim_val *v, const char *key, const char *text)
{
	chim_val_put(v, key, chim_val_text(text ? text : ""));
}

void chim_val_put_form(struct chim_val *v, const char *key, const char *form, ...)
{
	char *text = NULL;
	va_list args;
	int n;

	va_start(args, form);
	n = vasprintf(&text, form, args);
	va_end(args);
	chim_val_put(v, key, n < 0 ? NULL : chim_val_text(text));
	if (n >= 0)
		free(text);
}

static struct chim_val *put_container(struct chim_val *v, const char *key, enum chim_val_kind kind)
{
	struct chim_val *item = new_value(kind);

	chim_val_put(v, key, item);
	return v && item && v->u.items.last == item ? item : NULL;
}

struct chim_val *chim_val_put_object(struct chim_val *v, const char *key)
{
	return put_container(v, key, CHIM_VAL_OBJECT);
}

struct chim_val *chim_val_put_list(struct chim_val *v, const char *key)
{
	return put_container(v, key, CHIM_VAL_LIST);
}

const struct chim_val *chim_val_get(const struct chim_val *v, const char *key)
{
	const struct chim_val *item;

	if (!v || v->kind != CHIM_VAL_OBJECT)
		return NULL;
	for (item = v->u.items.first; item; item = item->next)
		if (!strcmp(item->key, key))
			return item;
	return NULL;
}

const char *chim_val_get_text(const struct chim_val *v, const char *key, const char *other)
{
	const struct chim_val *item = chim_val_get(v, key);

	return item && item->kind == CHIM_VAL_TEXT ? item->u.text : other;
}

int64_t chim_val_get_int(const struct chim_val *v, const char *key, int64_t other)
{
	const struct chim_val *item = chim_val_get(v, key);

	return item && item->kind == CHIM_VAL_INT ? item->u.integer : other;
}

bool chim_val_get_bool(const struct chim_val *v, const char *key, bool other)
{
	const struct chim_val *item = chim_val_get(v, key);

	return item && item->kind == CHIM_VAL_BOOL ? item->u.boolean : other;
}
