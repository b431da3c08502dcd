/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Network namespaces for tests in C: a "host" and a "peer", each with one interface whose frames
 * the test itself carries between them. Hard part: nothing may outlive the test process.
 */
#ifndef TESTS_SYS_NETBED_H
#define TESTS_SYS_NETBED_H

#include "frame.h"
#include "netdev.h"

#include <stdbool.h>
#include <stdio.h>

/* TAP: one line per check; the exit code of tap_done() is the verdict. */
void tap_check(bool ok, const char *form, ...) __attribute__((format(printf, 2, 3)));
int tap_done(void);
/* Ends the process with the code for "skipped". */
void tap_skip(const char *reason) __attribute__((noreturn));
/* Ends the process as failed: the test could not be carried out. */
void tap_die(const char *what, int err) __attribute__((noreturn));

/* Enter a new network namespace; @user: inside a new user namespace too. Skips if forbidden. */
void netbed_enter(bool user);
/* Another new network namespace, without staying in it. Return: descriptor for setns(). */
int netbed_make(void);
void netbed_switch(int ns);
int netbed_current(void);

/* In the current namespace. Addresses as text with prefix length, e.g. "10.7.0.1/24". */
void netbed_address(int ifindex, const char *address);
void netbed_lo_up(void);
void netbed_sysctl(const char *path, const char *value);

/* Capture: pcap of Ethernet frames, monotonic time. */
struct pcap;
struct pcap *pcap_open(const char *path);
void pcap_put(struct pcap *p, const uint8_t *frame, size_t len);
void pcap_close(struct pcap *p);

uint64_t now_ms(void);

/* The byte at offset @i of the test stream @seed: any two streams differ, no period below 2^32. */
uint8_t stream_byte(uint32_t seed, uint64_t i);

#endif
