/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * pkt_run [-v] [--pcap FILE] [--must-fail] SCRIPT...: each script is one TAP line and has a process
 * and a NIC of its own. Hard part: none. With --must-fail a script passes if it fails with the text
 * that its line "# fails: TEXT" names.
 */
#include "run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECONDS 120 /* real time of one script, on a busy machine */

static void say(const char *text)
{
	for (const char *c = text; *c;) {
		size_t n = strcspn(c, "\n");

		printf("# %.*s\n", (int)n, c);
		c += n + (c[n] != 0);
	}
}

/* The text behind "# fails: " of a script. */
static bool expected_text(const char *path, char *buf, size_t size)
{
	static const char mark[] = "# fails: ";
	FILE *f = fopen(path, "r");
	bool found = false;

	while (f && !found && fgets(buf, (int)size, f))
		found = !strncmp(buf, mark, strlen(mark));
	if (f)
		fclose(f);
	if (!found)
		return false;
	memmove(buf, buf + strlen(mark), strlen(buf) - strlen(mark) + 1);
	buf[strcspn(buf, "\n")] = 0;
	return true;
}

static bool judge(struct run *r, bool must_fail)
{
	bool ok = run_script(r);
	char want[256];

	if (!must_fail) {
		if (!ok)
			say(r->message);
		return ok;
	}
	if (!expected_text(r->path, want, sizeof(want))) {
		say("the script has no line \"# fails: TEXT\"");
		return false;
	}
	if (!ok && strstr(r->message, want))
		return true;
	printf("# it must fail with \"%s\"; it %s\n", want, ok ? "passed" : "failed with");
	say(r->message);
	return false;
}

static bool in_process(struct run *r, bool must_fail)
{
	pid_t pid;
	int status;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		bool ok;

		alarm(SECONDS);
		ok = judge(r, must_fail);
		fflush(stdout);
		/* After a failure the bed is left as it is; else the leak check has its say. */
		if (!ok || must_fail)
			_exit(!ok);
		exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return false;
	if (WIFSIGNALED(status))
		printf("# %s\n", WTERMSIG(status) == SIGALRM ? "out of time" : "crashed");
	return WIFEXITED(status) && !WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
	static struct run r;
	bool must_fail = false;
	int i, failed = 0, first;

	for (i = 1; i < argc && argv[i][0] == '-'; i++) {
		if (!strcmp(argv[i], "-v"))
			r.verbose = true;
		else if (!strcmp(argv[i], "--must-fail"))
			must_fail = true;
		else if (!strcmp(argv[i], "--pcap") && i + 1 < argc)
			r.pcap = argv[++i];
		else
			break;
	}
	first = i;
	if (first >= argc || argv[first][0] == '-') {
		fprintf(stderr, "usage: pkt_run [-v] [--pcap FILE] [--must-fail] SCRIPT...\n");
		return 2;
	}
	printf("1..%d\n", argc - first);
	for (; i < argc; i++) {
		bool ok;

		r.path = argv[i];
		ok = in_process(&r, must_fail);
		printf("%s %d - %s\n", ok ? "ok" : "not ok", i - first + 1, argv[i]);
		failed += !ok;
	}
	return failed ? 1 : 0;
}
