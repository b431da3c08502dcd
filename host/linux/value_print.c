/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Value -> JSON or text: the one place where output is formed. Hard part: the text form of any
 * value, without knowing what it means.
 */
#include "value.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void json_string(FILE *f, const char *s)
{
	fputc('"', f);
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '"' || c == '\\')
			fprintf(f, "\\%c", c);
		else if (c < 0x20)
			fprintf(f, "\\u%04x", c);
		else
			fputc(c, f);
	}
	fputc('"', f);
}

static void scalar(FILE *f, const struct chim_val *v)
{
	switch (v->kind) {
	case CHIM_VAL_BOOL: fputs(v->u.boolean ? "true" : "false", f); break;
	case CHIM_VAL_INT: fprintf(f, "%lld", (long long)v->u.integer); break;
	case CHIM_VAL_REAL: fprintf(f, "%.6g", v->u.real); break;
	default: fputs("null", f);
	}
}

/* @level < 0: on one line */
static void json(FILE *f, const struct chim_val *v, int level)
{
	const struct chim_val *item;
	int inner = level < 0 ? level : level + 1;

	if (v->kind == CHIM_VAL_TEXT) {
		json_string(f, v->u.text);
		return;
	}
	if (v->kind != CHIM_VAL_LIST && v->kind != CHIM_VAL_OBJECT) {
		scalar(f, v);
		return;
	}
	fputc(v->kind == CHIM_VAL_LIST ? '[' : '{', f);
	for (item = v->u.items.first; item; item = item->next) {
		if (level >= 0)
			fprintf(f, "\n%*s", 2 * inner, "");
		if (item->key) {
			json_string(f, item->key);
			fputs(level < 0 ? ":" : ": ", f);
		}
		json(f, item, inner);
		if (item->next)
			fputc(',', f);
	}
	if (level >= 0 && v->u.items.first)
		fprintf(f, "\n%*s", 2 * level, "");
	fputc(v->kind == CHIM_VAL_LIST ? ']' : '}', f);
}

static bool broken(const struct chim_val *v)
{
	const struct chim_val *item;

	if (v->kind != CHIM_VAL_LIST && v->kind != CHIM_VAL_OBJECT)
		return false;
	if (v->u.items.broken)
		return true;
	for (item = v->u.items.first; item; item = item->next)
		if (broken(item))
			return true;
	return false;
}

int chim_val_write(const struct chim_val *v, char **out)
{
	size_t len = 0;
	FILE *f;

	*out = NULL;
	if (!v || broken(v))
		return -ENOMEM;
	f = open_memstream(out, &len);
	if (!f)
		return -ENOMEM;
	json(f, v, -1);
	if (fclose(f)) {
		free(*out);
		*out = NULL;
		return -ENOMEM;
	}
	return (int)len;
}

void chim_val_print_json(FILE *f, const struct chim_val *v, bool pretty)
{
	json(f, v, pretty ? 0 : -1);
	fputc('\n', f);
}

/* Names come from elsewhere: nothing that a terminal would obey. */
static void printable(FILE *f, const char *s)
{
	for (; *s; s++)
		fputc((unsigned char)*s < 0x20 || *s == 0x7f ? '?' : *s, f);
}

/* A cell of a table, or the right side of a member. */
static void cell(FILE *f, const struct chim_val *v)
{
	const struct chim_val *item;

	if (!v || v->kind == CHIM_VAL_NULL) {
		fputc('-', f);
	} else if (v->kind == CHIM_VAL_TEXT) {
		printable(f, v->u.text[0] ? v->u.text : "-");
	} else if (v->kind == CHIM_VAL_BOOL) {
		fputs(v->u.boolean ? "yes" : "no", f);
	} else if (v->kind == CHIM_VAL_LIST || v->kind == CHIM_VAL_OBJECT) {
		for (item = v->u.items.first; item; item = item->next) {
			if (item->key)
				fprintf(f, "%s=", item->key);
			cell(f, item);
			if (item->next)
				fputc(' ', f);
		}
	} else {
		scalar(f, v);
	}
}

static char *cell_text(const struct chim_val *v)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		return NULL;
	cell(f, v);
	fclose(f);
	return text;
}

static bool is_table(const struct chim_val *v)
{
	const struct chim_val *item;

	if (v->kind != CHIM_VAL_LIST || !v->u.items.first)
		return false;
	for (item = v->u.items.first; item; item = item->next)
		if (item->kind != CHIM_VAL_OBJECT)
			return false;
	return true;
}

static int column_width(const struct chim_val *list, const char *key)
{
	const struct chim_val *row;
	size_t width = strlen(key);

	for (row = list->u.items.first; row; row = row->next) {
		char *text = cell_text(chim_val_get(row, key));

		if (text && strlen(text) > width)
			width = strlen(text);
		free(text);
	}
	return (int)width;
}

/* Columns are the members of the first row; numbers to the right, the last text column open. */
static void table(FILE *f, const struct chim_val *list, int indent)
{
	const struct chim_val *column, *row = NULL, *first = list->u.items.first;

	for (;;) {
		fprintf(f, "%*s", indent, "");
		for (column = first->u.items.first; column; column = column->next) {
			int width = column_width(list, column->key);
			bool number = column->kind == CHIM_VAL_INT || column->kind == CHIM_VAL_REAL;
			char *text = row ? cell_text(chim_val_get(row, column->key)) : NULL;

			if (!number)
				width = column->next ? -width : 0;
			fprintf(f, "%*s%s", width, row ? text ? text : "?" : column->key,
				column->next ? "  " : "");
			free(text);
		}
		fputc('\n', f);
		row = row ? row->next : first;
		if (!row)
			return;
	}
}

static void members(FILE *f, const struct chim_val *v, int indent)
{
	const struct chim_val *item;
	int width = 0;

	for (item = v->u.items.first; item; item = item->next)
		if (item->key && (int)strlen(item->key) > width)
			width = (int)strlen(item->key);
	for (item = v->u.items.first; item; item = item->next) {
		if (!item->key) {
			fprintf(f, "%*s", indent, "");
			cell(f, item);
			fputc('\n', f);
		} else if (is_table(item)) {
			fprintf(f, "%*s%s\n", indent, "", item->key);
			table(f, item, indent + 2);
		} else if (item->kind == CHIM_VAL_OBJECT && item->u.items.first) {
			fprintf(f, "%*s%s\n", indent, "", item->key);
			members(f, item, indent + 2);
		} else {
			fprintf(f, "%*s%-*s  ", indent, "", width, item->key);
			cell(f, item);
			fputc('\n', f);
		}
	}
}

void chim_val_print_text(FILE *f, const struct chim_val *v)
{
	if (is_table(v)) {
		table(f, v, 0);
	} else if (v->kind == CHIM_VAL_LIST || v->kind == CHIM_VAL_OBJECT) {
		members(f, v, 0);
	} else {
		cell(f, v);
		fputc('\n', f);
	}
}
