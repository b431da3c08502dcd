/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * `proxy`: the listening socket is made where the verb was called, and comes along as a descriptor.
 * Hard part: none.
 */
#include "api.h"

#include "prog.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

static bool parse_target(const struct chim_val *args, struct sockaddr_storage *addr, socklen_t *len)
{
	int64_t family = chim_val_get_int(args, "family", 0);
	int64_t port = chim_val_get_int(args, "port", 0);
	const char *host = chim_val_get_text(args, "host", "");
	struct sockaddr_in *in = (void *)addr;
	struct sockaddr_in6 *in6 = (void *)addr;

	memset(addr, 0, sizeof(*addr));
	if (port < 1 || port > UINT16_MAX)
		return false;
	if (family == 4) {
		in->sin_family = AF_INET;
		in->sin_port = htons((uint16_t)port);
		*len = sizeof(*in);
		return inet_pton(AF_INET, host, &in->sin_addr) == 1;
	}
	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons((uint16_t)port);
	in6->sin6_scope_id = (uint32_t)chim_val_get_int(args, "scope", 0);
	*len = sizeof(*in6);
	return family == 6 && inet_pton(AF_INET6, host, &in6->sin6_addr) == 1;
}

/* The listening socket comes along with the request. */
int chim_api_proxy_add(struct chim_request *r)
{
	const char *listen = chim_val_get_text(r->args, "listen", "?");
	struct sockaddr_storage target;
	struct chim_proxy *p;
	socklen_t len;
	int fd = *r->fd, err;

	if (fd < 0 || !parse_target(r->args, &target, &len)) {
		r->cause = "needs a listening socket and a target";
		return -EINVAL;
	}
	*r->fd = -1;
	err = chim_proxy_add(r->prog, fd, listen, &target, len,
			     chim_val_get_bool(r->args, "auto", true),
			     (uint64_t)chim_val_get_int(r->args, "after", 0), &p);
	if (err) {
		r->cause = "not a listening stream socket";
		return err;
	}
	chim_val_put_int(r->data, "proxy", p->id);
	chim_val_put_text(r->data, "listen", p->listen);
	return 0;
}

int chim_api_proxy_list(struct chim_request *r)
{
	struct chim_val *list = chim_val_put_list(r->data, "proxies");
	const struct chim_proxy *p;

	for (p = r->prog->proxies; p; p = p->next) {
		struct chim_val *o = chim_val_put_object(list, NULL);
		const struct sockaddr_in *in = (const void *)&p->target;
		const struct sockaddr_in6 *in6 = (const void *)&p->target;
		char text[INET6_ADDRSTRLEN] = "?";
		bool v4 = p->target.ss_family == AF_INET;

		inet_ntop(p->target.ss_family,
			  v4 ? (const void *)&in->sin_addr : (const void *)&in6->sin6_addr, text,
			  sizeof(text));
		chim_val_put_int(o, "proxy", p->id);
		chim_val_put_text(o, "listen", p->listen);
		chim_val_put_form(o, "connect", v4 ? "%s:%u" : "[%s]:%u", text,
				  ntohs(v4 ? in->sin_port : in6->sin6_port));
		chim_val_put_text(o, "offload", p->automatic ? "auto" : "manual");
		chim_val_put_int(o, "accepted", (int64_t)p->accepted);
		chim_val_put_int(o, "failed", (int64_t)p->failed);
	}
	return 0;
}

int chim_api_proxy_remove(struct chim_request *r)
{
	int64_t id = chim_val_get_int(r->args, "proxy", 0);
	int err = id > 0 && id <= UINT32_MAX ? chim_proxy_remove(r->prog, (uint32_t)id) : -ENOENT;

	if (err)
		r->cause = "no such proxy";
	return err;
}
