/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * JSON values: what is written can be read again, what is not JSON is refused, text output. Hard
 * part: half a million random changes of a good text, under sanitizers.
 */
#include "../../tap.h"
#include "value.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct chim_val *sample(void)
{
	struct chim_val *v = chim_val_object(), *list, *row;

	chim_val_put_int(v, "n", -5);
	chim_val_put_int(v, "big", INT64_MAX);
	chim_val_put_real(v, "x", 0.5);
	chim_val_put_bool(v, "yes", true);
	chim_val_put_text(v, "text", "a\"b\\c\nd\x01");
	chim_val_put_form(v, "form", "%d:%s", 7, "z");
	list = chim_val_put_list(v, "rows");
	row = chim_val_put_object(list, NULL);
	chim_val_put_int(row, "id", 1);
	chim_val_put_text(row, "name", "one");
	row = chim_val_put_object(list, NULL);
	chim_val_put_int(row, "id", 222);
	chim_val_put_text(row, "name", "");
	chim_val_put_object(v, "empty");
	chim_val_put_list(v, "none");
	return v;
}

static void test_round_trip(void)
{
	struct chim_val *v = sample(), *back = NULL;
	char *text, *again;
	int len = chim_val_write(v, &text);

	OK(len > 0 && !strchr(text, '\n'), "on one line: %s", text);
	OK(!chim_val_parse(text, (size_t)len, &back), "read again");
	OK(chim_val_write(back, &again) == len && !strcmp(text, again), "the same text");
	OK(chim_val_get_int(back, "n", 0) == -5 && chim_val_get_int(back, "big", 0) == INT64_MAX &&
		   chim_val_get_bool(back, "yes", false) &&
		   !strcmp(chim_val_get_text(back, "text", ""), "a\"b\\c\nd\x01") &&
		   !strcmp(chim_val_get_text(back, "form", ""), "7:z"),
	   "the same values");
	OK(chim_val_get_int(back, "text", 9) == 9 && chim_val_get_int(back, "nothing", 8) == 8 &&
		   !chim_val_get(NULL, "n") && !strcmp(chim_val_get_text(back, "n", "q"), "q"),
	   "absent, or of another kind: what was asked for");
	free(text);
	free(again);
	chim_val_free(v);
	chim_val_free(back);
}

static void test_refused(void)
{
	static const char *const bad[] = {
		"",	    "{",	"}",	       "[1,]",
		"{\"a\"}",  "{\"a\":}", "{a:1}",       "nul",
		"truex",    "\"abc",	"\"\\u00\"",   "\"\\ud800\"",
		"\"\\q\"",  "01x",	"1 2",	       "99999999999999999999",
		"--1",	    "+1",	"[1 2]",       "{\"a\":1,}",
		"\"\x01\"", "1e",	"\"\\u0000\"", ",",
	};
	static const char *const good[] = { "1",  " [ ] ", "null",	  "\"\\u00e9\\n\"",
					    "-0", "1.5e3", "{\"a\":[{}]}" };
	char deep[200];
	struct chim_val *v;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		OK(chim_val_parse(bad[i], strlen(bad[i]), &v) == -EINVAL, "refused: %s",
		   bad[i][0] == '"' && bad[i][1] == 1 ? "control character" : bad[i]);
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		int err = chim_val_parse(good[i], strlen(good[i]), &v);

		OK(!err, "taken: %s", good[i]);
		if (!err)
			chim_val_free(v);
	}
	memset(deep, '[', 100);
	memset(deep + 100, ']', 100);
	OK(chim_val_parse(deep, 200, &v) == -EINVAL, "a hundred levels are refused");
	OK(chim_val_parse("1\0", 2, &v) == -EINVAL, "NUL behind it");
}

static void test_random(void)
{
	struct chim_val *v = sample();
	char *text;
	int len = chim_val_write(v, &text), i;
	unsigned int taken = 0;

	srand(3);
	for (i = 0; i < 300000; i++) {
		size_t n = (size_t)(rand() % len) + 1, k = (size_t)rand() % 3;
		char *copy = malloc(n);
		struct chim_val *w;

		memcpy(copy, text, n);
		while (k--)
			copy[(size_t)rand() % n] = (char)rand();
		if (!chim_val_parse(copy, n, &w)) {
			taken++;
			chim_val_free(w);
		}
		free(copy);
	}
	OK(taken > 10, "%u of 300000 changed texts are still JSON", taken);
	free(text);
	chim_val_free(v);
}

static void test_text(void)
{
	struct chim_val *v = sample();
	char *out = NULL;
	size_t len;
	FILE *f = open_memstream(&out, &len);

	chim_val_print_text(f, v);
	fclose(f);
	OK(strstr(out, "yes    yes\n") && strstr(out, "x      0.5\n"), "members:\n%s", out);
	OK(strstr(out, "a\"b\\c?d?\n"), "no control characters on a terminal");
	OK(strstr(out, "   id  name\n    1  one\n  222  -\n"), "a table");
	free(out);
	f = open_memstream(&out, &len);
	chim_val_print_json(f, v, true);
	fclose(f);
	OK(strstr(out, "{\n  \"n\": -5,\n") && strstr(out, "\"none\": []\n}\n"), "pretty JSON");
	free(out);
	chim_val_free(v);
}

/* A value that could not be built must not be sent as if it were whole. */
static void test_broken(void)
{
	struct chim_val *v = chim_val_object(), *list = chim_val_put_list(v, "l");
	char *text;

	chim_val_put(list, NULL, NULL);
	OK(chim_val_write(v, &text) == -ENOMEM && !text, "a missing member shows");
	chim_val_put_int(NULL, "a", 1);
	OK(chim_val_write(NULL, &text) == -ENOMEM, "so does a missing value");
	chim_val_free(v);
	chim_val_free(NULL);
}

int main(void)
{
	test_round_trip();
	test_refused();
	test_random();
	test_text();
	test_broken();
	return tap_done();
}
