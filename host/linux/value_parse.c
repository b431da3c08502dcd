/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * JSON text -> value. Hard part: the text is another process's; every step is bounded, and
 * recursion ends at a fixed depth.
 */
#include "value.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 32 };

struct text {
	const char *at, *end;
	int depth;
	int err;
};

static struct chim_val *value(struct text *t);

static void *fail(struct text *t, int err)
{
	if (!t->err)
		t->err = err;
	return NULL;
}

static void skip_blanks(struct text *t)
{
	while (t->at < t->end && strchr(" \t\r\n", *t->at) && *t->at)
		t->at++;
}

static bool take(struct text *t, const char *word)
{
	size_t n = strlen(word);

	if ((size_t)(t->end - t->at) < n || memcmp(t->at, word, n))
		return false;
	t->at += n;
	return true;
}

static int hex4(const char *p, uint32_t *out)
{
	uint32_t x = 0;
	int i;

	for (i = 0; i < 4; i++) {
		const char *digits = "0123456789abcdef";
		const char *d =
			p[i] ? strchr(digits, p[i] >= 'A' && p[i] <= 'F' ? p[i] + 32 : p[i]) : NULL;

		if (!d)
			return -EINVAL;
		x = x << 4 | (uint32_t)(d - digits);
	}
	*out = x;
	return 0;
}

static size_t utf8(uint32_t c, char *out)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	out[0] = (char)(0xe0 | c >> 12);
	out[1] = (char)(0x80 | (c >> 6 & 0x3f));
	out[2] = (char)(0x80 | (c & 0x3f));
	return 3;
}

/* The character behind a backslash; surrogates and NUL are refused, our own writer makes none. */
static size_t escape(struct text *t, char *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *f;
	uint32_t c;

	if (t->at == t->end)
		return 0;
	f = *t->at ? strchr(from, *t->at) : NULL;
	if (f) {
		t->at++;
		*out = to[f - from];
		return 1;
	}
	if (*t->at != 'u' || t->end - t->at < 5 || hex4(t->at + 1, &c) || !c ||
	    (c >= 0xd800 && c <= 0xdfff))
		return 0;
	t->at += 5;
	return utf8(c, out);
}

/* After the opening quote. Every escape is at least as long as what it stands for. */
static char *string(struct text *t)
{
	char *out = malloc((size_t)(t->end - t->at) + 1);
	size_t n = 0;

	if (!out)
		return fail(t, -ENOMEM);
	while (t->at < t->end && *t->at != '"' && (unsigned char)*t->at >= 0x20) {
		size_t more;

		if (*t->at != '\\') {
			out[n++] = *t->at++;
			continue;
		}
		t->at++;
		more = escape(t, out + n);
		if (!more)
			break;
		n += more;
	}
	if (!take(t, "\"")) {
		free(out);
		return fail(t, -EINVAL);
	}
	out[n] = 0;
	return out;
}

static struct chim_val *string_value(struct text *t)
{
	char *s = string(t);
	struct chim_val *v = s ? chim_val_text(s) : NULL;

	free(s);
	return v ? v : fail(t, -ENOMEM);
}

static struct chim_val *number(struct text *t)
{
	struct chim_val *list = chim_val_list(), *v;
	char buf[64], *end;
	size_t n = 0;

	while (t->at < t->end && n < sizeof(buf) - 1 && *t->at && strchr("+-.0123456789eE", *t->at))
		buf[n++] = *t->at++;
	buf[n] = 0;
	errno = 0;
	if (strpbrk(buf, ".eE"))
		chim_val_put_real(list, NULL, strtod(buf, &end));
	else
		chim_val_put_int(list, NULL, strtoll(buf, &end, 10));
	v = list ? list->u.items.first : NULL;
	if (list)
		list->u.items.first = NULL;
	chim_val_free(list);
	if (!v)
		return fail(t, -ENOMEM);
	if (!n || *end || errno || buf[0] == '+') {
		chim_val_free(v);
		return fail(t, -EINVAL);
	}
	return v;
}

static void member(struct text *t, struct chim_val *object)
{
	char *key = take(t, "\"") ? string(t) : fail(t, -EINVAL);
	struct chim_val *item = NULL;

	skip_blanks(t);
	if (key && take(t, ":"))
		item = value(t);
	else
		fail(t, -EINVAL);
	if (item)
		chim_val_put(object, key, item);
	free(key);
}

static struct chim_val *container(struct text *t, struct chim_val *v, const char *close)
{
	if (!v)
		return fail(t, -ENOMEM);
	skip_blanks(t);
	if (take(t, close))
		return v;
	do {
		skip_blanks(t);
		if (v->kind == CHIM_VAL_OBJECT) {
			member(t, v);
		} else {
			struct chim_val *item = value(t);

			if (item)
				chim_val_put(v, NULL, item);
		}
		skip_blanks(t);
	} while (!t->err && take(t, ","));
	if (!t->err && !take(t, close))
		fail(t, -EINVAL);
	if (!t->err && v->u.items.broken)
		fail(t, -ENOMEM);
	if (t->err) {
		chim_val_free(v);
		return NULL;
	}
	return v;
}

static struct chim_val *word(struct text *t)
{
	struct chim_val *v;
	bool yes = take(t, "true");

	if (!yes && !take(t, "false") && !take(t, "null"))
		return number(t);
	v = chim_val_list();
	if (!v)
		return fail(t, -ENOMEM);
	v->kind = t->at[-1] == 'l' ? CHIM_VAL_NULL : CHIM_VAL_BOOL;
	v->u.boolean = yes;
	return v;
}

static struct chim_val *value(struct text *t)
{
	struct chim_val *v;

	skip_blanks(t);
	if (++t->depth > DEPTH_MAX)
		return fail(t, -EINVAL);
	if (take(t, "{"))
		v = container(t, chim_val_object(), "}");
	else if (take(t, "["))
		v = container(t, chim_val_list(), "]");
	else if (take(t, "\""))
		v = string_value(t);
	else
		v = word(t);
	t->depth--;
	return v;
}

int chim_val_parse(const char *text, size_t len, struct chim_val **out)
{
	struct text t = { text, text + len, 0, 0 };
	struct chim_val *v = value(&t);

	skip_blanks(&t);
	if (v && !t.err && t.at == t.end) {
		*out = v;
		return 0;
	}
	chim_val_free(v);
	return t.err ? t.err : -EINVAL;
}
