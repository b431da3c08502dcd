/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Namespaces, addresses, captures and verdicts of the tests. Hard part: a user namespace needs its
 * id maps before anything else works in it.
 */
#include "netbed.h"

#include "rtnl.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_addr.h>
#include <net/if.h>
#include <sched.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int checks, failures;

void tap_check(bool ok, const char *form, ...)
{
	va_list args;

	checks++;
	failures += !ok;
	printf("%sok %d - ", ok ? "" : "not ", checks);
	va_start(args, form);
	vprintf(form, args);
	va_end(args);
	printf("\n");
	fflush(stdout);
}

int tap_done(void)
{
	printf("1..%d\n", checks);
	return failures || !checks;
}

void tap_skip(const char *reason)
{
	printf("1..0 # SKIP %s\n", reason);
	exit(77);
}

void tap_die(const char *what, int err)
{
	printf("Bail out! %s: %s\n", what, strerror(err < 0 ? -err : err));
	exit(1);
}

static bool put_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return ok;
}

void netbed_enter(bool user)
{
	unsigned int uid = getuid(), gid = getgid();
	char map[64];

	if (unshare(CLONE_NEWNET | (user ? CLONE_NEWUSER : 0)))
		tap_skip(user ? "user namespaces are not allowed here"
			      : "needs root for a network namespace");
	if (user) {
		put_file("/proc/self/setgroups", "deny");
		snprintf(map, sizeof(map), "0 %u 1", uid);
		if (!put_file("/proc/self/uid_map", map))
			tap_die("uid_map", errno);
		snprintf(map, sizeof(map), "0 %u 1", gid);
		if (!put_file("/proc/self/gid_map", map))
			tap_die("gid_map", errno);
	}
	netbed_lo_up();
}

int netbed_current(void)
{
	int fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		tap_die("/proc/thread-self/ns/net", errno);
	return fd;
}

void netbed_switch(int ns)
{
	if (setns(ns, CLONE_NEWNET))
		tap_die("setns", errno);
}

int netbed_make(void)
{
	int own = netbed_current(), other;

	if (unshare(CLONE_NEWNET))
		tap_die("unshare", errno);
	netbed_lo_up();
	other = netbed_current();
	netbed_switch(own);
	close(own);
	return other;
}

static int rtnl_once(struct chim_rtnl_req *req)
{
	int fd = chim_rtnl_open(0), err;

	if (fd < 0)
		return fd;
	err = chim_rtnl_call(fd, req, NULL, NULL);
	close(fd);
	return err;
}

void netbed_lo_up(void)
{
	struct ifinfomsg link = { .ifi_index = 1, .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
	struct chim_rtnl_req req;

	chim_rtnl_start(&req, RTM_NEWLINK, 0, &link, sizeof(link));
	rtnl_once(&req);
}

/* Until the kernel's worker has looked at it, packets to a new IPv6 address are dropped. */
static bool any_tentative(void)
{
	FILE *f = fopen("/proc/thread-self/net/if_inet6", "r");
	unsigned int flags;
	bool any = false;

	while (f && fscanf(f, "%*s %*x %*x %*x %x %*s", &flags) == 1)
		any |= flags & IFA_F_TENTATIVE;
	if (f)
		fclose(f);
	return any;
}

void netbed_address(int ifindex, const char *address)
{
	struct ifaddrmsg msg = { .ifa_index = (unsigned int)ifindex, .ifa_flags = IFA_F_NODAD };
	char text[64], *slash;
	struct chim_rtnl_req req;
	uint8_t bytes[16];
	int err;

	snprintf(text, sizeof(text), "%s", address);
	slash = strchr(text, '/');
	if (!slash)
		tap_die(address, EINVAL);
	*slash = 0;
	msg.ifa_family = strchr(text, ':') ? AF_INET6 : AF_INET;
	msg.ifa_prefixlen = (uint8_t)atoi(slash + 1);
	if (inet_pton(msg.ifa_family, text, bytes) != 1)
		tap_die(address, EINVAL);
	chim_rtnl_start(&req, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &msg, sizeof(msg));
	chim_rtnl_put(&req, IFA_LOCAL, bytes, msg.ifa_family == AF_INET ? 4 : 16);
	chim_rtnl_put(&req, IFA_ADDRESS, bytes, msg.ifa_family == AF_INET ? 4 : 16);
	err = rtnl_once(&req);
	if (err)
		tap_die(address, err);
	for (err = 0; err < 300 && any_tentative(); err++)
		usleep(10000);
}

void netbed_sysctl(const char *path, const char *value)
{
	char full[128];

	snprintf(full, sizeof(full), "/proc/sys/%s", path);
	if (!put_file(full, value))
		tap_die(full, errno);
}

struct pcap {
	FILE *file;
};

struct pcap *pcap_open(const char *path)
{
	static const uint32_t header[6] = { 0xa1b2c3d4, 2 | 4 << 16, 0, 0, 65535, 1 };
	struct pcap *p = calloc(1, sizeof(*p));

	p->file = fopen(path, "w");
	if (!p->file || fwrite(header, sizeof(header), 1, p->file) != 1)
		tap_die(path, errno);
	return p;
}

void pcap_put(struct pcap *p, const uint8_t *frame, size_t len)
{
	struct timespec ts;
	uint32_t record[4];

	clock_gettime(CLOCK_MONOTONIC, &ts);
	record[0] = (uint32_t)ts.tv_sec;
	record[1] = (uint32_t)(ts.tv_nsec / 1000);
	record[2] = record[3] = (uint32_t)len;
	if (fwrite(record, sizeof(record), 1, p->file) != 1 || fwrite(frame, len, 1, p->file) != 1)
		tap_die("pcap", errno);
}

void pcap_close(struct pcap *p)
{
	fclose(p->file);
	free(p);
}

uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

uint8_t stream_byte(uint32_t seed, uint64_t i)
{
	uint64_t x = (i / 8 + 1) * 0x9e3779b97f4a7c15U + seed;

	x ^= x >> 32;
	x *= 0xd6e8feb86659fd93U;
	x ^= x >> 29;
	return (uint8_t)(x >> (i % 8 * 8));
}
