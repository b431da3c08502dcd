/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The protocol side against the real router and a target that keeps connections: trees, linkers,
 * send chains, buffered data, failures, updates. Hard part: what comes back must be what went in,
 * whatever way it takes. The router's count of broken rules must stay zero.
 */
#include "../../tap.h"
#include "hoststack.h"
#include "target.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct bed {
	struct chim_ndis *ndis;
	struct target *target;
	struct chim_hs *hs;
	struct chim_hs_conn c[4];
	/* what came back */
	unsigned int initiated, terminated, queried, sent, forwarded, warned;
	NDIS_STATUS status;
	struct chim_tcp_image img;
	TCP_OFFLOAD_STATE_DELEGATED state;
	struct chim_held *frame;
	NDIS_STATUS frame_status;
	ULONG event, information;
	uint8_t data[65536];
	size_t data_len, room;
	PNET_BUFFER_LIST kept;
	NDIS_STATUS indicated;
	bool mem_fails;
	size_t mems;
	unsigned int rules;
};

static int mem(void *ctx, size_t len, void **va, uint64_t *iova)
{
	struct bed *b = ctx;

	if (b->mem_fails)
		return -ENOMEM;
	*va = malloc(len);
	*iova = (uint64_t)(uintptr_t)*va;
	b->mems++;
	return 0;
}

static void mem_free(void *ctx, void *va)
{
	((struct bed *)ctx)->mems--;
	free(va);
}

static void initiated(void *ctx, struct chim_hs_conn *c, NDIS_STATUS status)
{
	struct bed *b = ctx;

	(void)c;
	b->initiated++;
	b->status = status;
}

static void terminated(void *ctx, struct chim_hs_conn *c, NDIS_STATUS status,
		       struct chim_tcp_image *img)
{
	struct bed *b = ctx;

	(void)c;
	b->terminated++;
	b->status = status;
	chim_tcp_image_free(&b->img);
	b->img = *img;
}

static void queried(void *ctx, struct chim_hs_conn *c, NDIS_STATUS status,
		    const TCP_OFFLOAD_STATE_DELEGATED *state)
{
	struct bed *b = ctx;

	(void)c;
	b->queried++;
	b->status = status;
	b->state = *state;
}

static void sent(void *ctx, struct chim_hs_conn *c)
{
	(void)c;
	((struct bed *)ctx)->sent++;
}

static NDIS_STATUS indicate(void *ctx, struct chim_hs_conn *c, PNET_BUFFER_LIST nbl,
			    PULONG consumed)
{
	struct bed *b = ctx;
	ULONG len = nbl->FirstNetBuffer->DataLength;

	(void)c;
	*consumed = len < b->room ? len : (ULONG)b->room;
	b->data_len += chim_nb_copy_out(nbl->FirstNetBuffer, 0, b->data + b->data_len, *consumed);
	b->room -= *consumed;
	if (*consumed == len) {
		b->kept = nbl;
		return NDIS_STATUS_SUCCESS;
	}
	return *consumed ? NDIS_STATUS_OFFLOAD_DATA_PARTIALLY_ACCEPTED
			 : NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED;
}

static void forwarded(void *ctx, struct chim_hs_conn *c, struct chim_held *frame,
		      NDIS_STATUS status)
{
	struct bed *b = ctx;

	(void)c;
	b->forwarded++;
	b->frame = frame;
	b->frame_status = status;
}

static void event(void *ctx, struct chim_hs_conn *c, ULONG type, ULONG information)
{
	struct bed *b = ctx;

	(void)c;
	b->event = type;
	b->information = information;
}

static uint32_t reachability(void *ctx, const struct chim_hop *hop)
{
	(void)ctx;
	return 1000 + hop->mac[5];
}

static void on_status(void *ctx, NDIS_STATUS code)
{
	((struct bed *)ctx)->status = code;
}

static void warn(void *ctx, const char *what)
{
	(void)what;
	((struct bed *)ctx)->warned++;
}

static const struct chim_hs_ops ops = { mem,	 mem_free,     initiated, terminated,
					queried, sent,	       indicate,  forwarded,
					event,	 reachability, on_status, warn };

static void on_rule(void *ctx, enum chim_ndis_rule rule, const char *where, const void *what)
{
	(void)what;
	printf("# rule %s in %s\n", chim_ndis_rule_get(rule)->name, where);
	((struct bed *)ctx)->rules++;
}

static void settle(struct bed *b)
{
	while (target_poll(b->target) + (unsigned int)chim_ndis_poll(b->ndis, 1000))
		;
}

static struct bed *bed_new(const struct target_plan *plan)
{
	static const struct chim_hs_limits limits = { 65536, 16384 };
	struct bed *b = calloc(1, sizeof(*b));
	struct chim_ndis_config cfg = { .rule = on_rule, .ctx = b };

	b->room = sizeof(b->data);
	if (chim_ndis_create(&cfg, &b->ndis))
		exit(1);
	b->target = target_open(b->ndis, plan);
	if (!b->target ||
	    chim_hs_create(b->ndis, target_adapter(b->target), &ops, b, &limits, &b->hs))
		exit(1);
	settle(b);
	return b;
}

/* All must be given back for this to succeed. */
static void bed_free(struct bed *b)
{
	struct target_counts n;
	int i, err;

	for (i = 0; i < 4; i++) {
		if (b->c[i].offloaded && !b->c[i].lost)
			chim_hs_terminate(&b->c[i]);
	}
	settle(b);
	while (chim_hs_flush(b->hs) && target_poll(b->target))
		settle(b);
	settle(b);
	target_counts(b->target, &n);
	err = chim_hs_destroy(b->hs);
	OK(err == 0 && !b->mems && !n.neighbors && !n.paths && !n.conns && !n.lists_out,
	   "everything given back (%d, %zu, %u %u %u)", err, b->mems, n.neighbors, n.paths,
	   n.conns);
	OK(!b->rules && !chim_ndis_target_faults(b->ndis), "no rule of the interface was broken");
	err = target_close(b->target);
	OK(!err && !chim_ndis_destroy(b->ndis), "taken down");
	chim_tcp_image_free(&b->img);
	free(b);
}

static const struct chim_hop hop1 = { .family = 4,
				      .ifindex = 3,
				      .address = { 10, 0, 0, 2 },
				      .mac = { 2, 0, 0, 0, 0, 9 },
				      .mtu = 1500 };

static void image(struct chim_tcp_image *img, unsigned int port, size_t snd, size_t sent_bytes,
		  size_t rcv)
{
	size_t i;

	memset(img, 0, sizeof(*img));
	img->key.family = 4;
	img->key.local_port = (uint16_t)port;
	img->key.remote_port = 80;
	memcpy(img->key.local, "\x0a\0\0\1", 4);
	memcpy(img->key.remote, "\x0a\0\0\2", 4);
	img->timestamps = img->wscale = true;
	img->SndWindScale = 7;
	img->RcvWindScale = 5;
	img->RemoteMss = 1460;
	img->State = TcpConnectionEstablished;
	img->RcvNxt = 0xfffffff0u;
	img->RcvWnd = 20000;
	img->SndUna = 0xffff0000u;
	img->SndMax = img->SndNxt = img->SndUna + (uint32_t)sent_bytes;
	img->SndWnd = 64000;
	img->MaxSndWnd = 65000;
	img->SendWL1 = img->RcvNxt - 10;
	img->CWnd = 14600;
	img->SsThresh = 0x7fffffff;
	img->SRtt = 80;
	img->RttVar = 20;
	img->TsRecent = 777;
	img->TsTime = 123456;
	img->rcv_wup = img->RcvNxt;
	img->rto_ms = 204;
	img->path_mtu = 1500;
	img->ttl = 64;
	img->snd.bytes = malloc(snd + 1);
	img->snd.len = snd;
	img->rcv.bytes = malloc(rcv + 1);
	img->rcv.len = rcv;
	for (i = 0; i < snd; i++)
		img->snd.bytes[i] = (uint8_t)(i * 7 + i / 251);
	for (i = 0; i < rcv; i++)
		img->rcv.bytes[i] = (uint8_t)(i * 5 + i / 241);
}

static bool same_data(const struct chim_tcp_data *a, const uint8_t *bytes, size_t len)
{
	return a->len == len && (!len || !memcmp(a->bytes, bytes, len));
}

static void there_and_back(const char *name, const struct target_plan *plan, size_t snd,
			   size_t sent_bytes, size_t rcv, bool no_mem)
{
	struct bed *b = bed_new(plan);
	const TCP_OFFLOAD_STATE_DELEGATED *s;
	struct chim_tcp_image img;

	b->mem_fails = no_mem;
	image(&img, 1000, snd, sent_bytes, rcv);
	OK(!chim_hs_initiate(b->hs, &b->c[0], &img, &hop1), "%s: initiate", name);
	settle(b);
	OK(b->initiated == 1 && b->status == NDIS_STATUS_SUCCESS && b->c[0].offloaded,
	   "%s: offloaded", name);
	s = target_state(b->target, &img.key);
	OK(s && s->RcvNxt == img.RcvNxt && s->SndUna == img.SndUna && s->SndMax == img.SndMax &&
		   s->SRtt == 80 && s->RttVar == 20 && s->TsRecent == 777 &&
		   s->TsTime >= img.TsTime && s->TsTime - img.TsTime < 0x80000000u &&
		   s->Retransmit.TimeoutDelta == (sent_bytes ? 204u : CHIM_TIMEOUT_NONE) &&
		   s->KeepAlive.TimeoutDelta == CHIM_TIMEOUT_NONE,
	   "%s: the target has the state", name);
	OK(b->c[0].posted == snd, "%s: %zu bytes posted", name, b->c[0].posted);
	OK(!chim_hs_terminate(&b->c[0]), "%s: terminate", name);
	settle(b);
	OK(b->terminated == 1 && b->status == NDIS_STATUS_SUCCESS && !b->c[0].offloaded,
	   "%s: uploaded", name);
	OK(b->img.RcvNxt == img.RcvNxt && b->img.RcvWnd == img.RcvWnd &&
		   b->img.SndUna == img.SndUna && b->img.SndMax == img.SndMax &&
		   b->img.State == img.State && b->img.RemoteMss == 1460 &&
		   b->img.rcv_wup == img.RcvNxt && b->img.TsRecent == 777,
	   "%s: the same state", name);
	OK(same_data(&b->img.snd, img.snd.bytes, snd), "%s: the same send data (%zu)", name,
	   b->img.snd.len);
	OK(b->data_len + b->img.rcv.len == rcv && !memcmp(b->data, img.rcv.bytes, b->data_len) &&
		   (!b->img.rcv.len ||
		    !memcmp(b->img.rcv.bytes, img.rcv.bytes + b->data_len, b->img.rcv.len)),
	   "%s: the same receive data (%zu indicated, %zu returned)", name, b->data_len,
	   b->img.rcv.len);
	OK(!b->c[0].posted && !b->c[0].sends, "%s: nothing posted any more", name);
	if (b->kept)
		chim_hs_return(b->hs, b->kept);
	chim_tcp_image_free(&img);
	bed_free(b);
}

static void test_there_and_back(void)
{
	struct target_plan plain = { 0 }, completed = { .sends_by_completion = 1 },
			   indicated = { .indicate = 1 };

	there_and_back("empty", &plain, 0, 0, 0, false);
	there_and_back("data both ways", &plain, 50000, 30000, 20000, false);
	there_and_back("sends by completion", &completed, 50000, 30000, 20000, false);
	there_and_back("one byte", &plain, 1, 1, 1, false);
	there_and_back("buffered data indicated", &indicated, 0, 0, 20000, false);
	there_and_back("no device memory", &plain, 40000, 0, 5000, true);
}

/* A list partly acknowledged comes back from its middle; posted data follows in order. */
static void test_partly_acknowledged(bool by_completion)
{
	struct target_plan plan = { .sends_by_completion = by_completion };
	struct bed *b = bed_new(&plan);
	struct chim_tcp_image img;
	uint8_t more[3000];
	size_t i;

	image(&img, 1000, 20000, 20000, 0);
	for (i = 0; i < sizeof(more); i++)
		more[i] = (uint8_t)(i ^ 0x5a);
	chim_hs_initiate(b->hs, &b->c[0], &img, &hop1);
	settle(b);
	OK(!chim_hs_send(&b->c[0], more, sizeof(more)), "a send is posted");
	target_acknowledge(b->target, &img.key, 17000);
	settle(b);
	OK(b->sent == 1 && b->c[0].posted == 20000 - 16384 + 3000,
	   "one list completed, %zu bytes posted", b->c[0].posted);
	chim_hs_terminate(&b->c[0]);
	settle(b);
	OK(b->img.SndUna == img.SndUna + 17000 && b->img.snd.len == 3000 + 3000,
	   "what is left: %zu bytes", b->img.snd.len);
	OK(b->img.snd.len == 6000 && !memcmp(b->img.snd.bytes, img.snd.bytes + 17000, 3000) &&
		   !memcmp(b->img.snd.bytes + 3000, more, 3000),
	   "in order");
	chim_tcp_image_free(&img);
	bed_free(b);
}

static void test_sharing(void)
{
	struct bed *b = bed_new(NULL);
	struct chim_tcp_image img[3];
	struct target_counts n;
	int i;

	for (i = 0; i < 3; i++)
		image(&img[i], 1000 + (unsigned int)i, 100, 0, 0);
	OK(chim_hs_ready(b->hs, &img[0].key, &hop1), "ready");
	OK(!chim_hs_initiate(b->hs, &b->c[0], &img[0], &hop1), "first");
	OK(!chim_hs_ready(b->hs, &img[1].key, &hop1), "not ready while its path is coming");
	OK(chim_hs_initiate(b->hs, &b->c[1], &img[1], &hop1) == -EAGAIN, "so refused");
	OK(!b->c[1].busy && !b->c[1].posted, "without a trace");
	settle(b);
	OK(!chim_hs_initiate(b->hs, &b->c[1], &img[1], &hop1) &&
		   !chim_hs_initiate(b->hs, &b->c[2], &img[2], &hop1),
	   "two at once below linkers");
	settle(b);
	target_counts(b->target, &n);
	OK(n.neighbors == 1 && n.paths == 1 && n.conns == 3 && n.linkers == 4,
	   "one neighbor, one path, three connections, %u linkers", n.linkers);
	OK(chim_hs_flush(b->hs) == 2, "a flush takes nothing that is used");
	settle(b);
	target_counts(b->target, &n);
	OK(n.neighbors == 1 && n.paths == 1, "they are still there");
	for (i = 0; i < 3; i++)
		chim_hs_terminate(&b->c[i]);
	settle(b);
	target_counts(b->target, &n);
	OK(n.conns == 0 && n.paths == 1, "the path outlives its connections");
	chim_hs_initiate(b->hs, &b->c[0], &img[0], &hop1);
	settle(b);
	OK(b->c[0].offloaded, "and serves again");
	for (i = 0; i < 3; i++)
		chim_tcp_image_free(&img[i]);
	bed_free(b);
}

static void test_failure(unsigned int layer, NDIS_STATUS status)
{
	struct target_plan plan = { .fail_initiate = 1,
				    .fail_status = status,
				    .fail_layer = layer };
	struct bed *b = bed_new(&plan);
	struct chim_tcp_image img;
	struct target_counts n;

	image(&img, 1000, 30000, 10000, 4000);
	OK(!chim_hs_initiate(b->hs, &b->c[0], &img, &hop1), "layer %u: initiate", layer);
	settle(b);
	OK(b->initiated == 1 && b->status == status && !b->c[0].offloaded && !b->c[0].busy,
	   "layer %u: told why (%x)", layer, (unsigned int)b->status);
	OK(!b->mems && !b->c[0].posted && !b->sent, "layer %u: no list left, none completed",
	   layer);
	target_counts(b->target, &n);
	OK(n.neighbors == (layer > 1) && n.paths == (layer > 2) && !n.conns,
	   "layer %u: what is below stays for the next one", layer);
	target_plan(b->target)->fail_initiate = 0;
	OK(!chim_hs_initiate(b->hs, &b->c[0], &img, &hop1), "layer %u: again", layer);
	settle(b);
	OK(b->c[0].offloaded, "layer %u: this time it works", layer);
	chim_tcp_image_free(&img);
	bed_free(b);
}

static void test_lost_state(void)
{
	struct target_plan plan = { .lose_state = 1 };
	struct bed *b = bed_new(&plan);
	struct chim_tcp_image img;
	struct target_counts n;

	image(&img, 1000, 3000, 1000, 0);
	chim_hs_initiate(b->hs, &b->c[0], &img, &hop1);
	settle(b);
	chim_hs_terminate(&b->c[0]);
	settle(b);
	OK(b->terminated == 1 && b->status == NDIS_STATUS_FAILURE && b->c[0].lost,
	   "told once that the state is lost");
	target_counts(b->target, &n);
	OK(!n.conns && !b->c[0].offloaded, "and terminated once more to free it");
	chim_tcp_image_free(&img);
	bed_free(b);
}

/* Sequence numbers that say more was sent than there are bytes: believed by nobody. */
static void test_missing_data(void)
{
	struct bed *b = bed_new(NULL);
	struct chim_tcp_image img;

	image(&img, 1000, 1000, 2000, 0);
	chim_hs_initiate(b->hs, &b->c[0], &img, &hop1);
	settle(b);
	chim_hs_terminate(&b->c[0]);
	settle(b);
	OK(b->terminated == 1 && b->status == NDIS_STATUS_FAILURE && b->warned == 1,
	   "send data missing: not restored");
	chim_tcp_image_free(&img);
	bed_free(b);
}

static void test_updates(void)
{
	static const uint8_t mac[6] = { 2, 0, 0, 0, 0, 77 }, other[6] = { 2, 0, 0, 0, 0, 78 };
	struct bed *b = bed_new(NULL);
	struct chim_tcp_image img;
	struct target_counts n;

	image(&img, 1000, 0, 0, 0);
	chim_hs_initiate(b->hs, &b->c[0], &img, &hop1);
	settle(b);
	chim_hs_neighbor_changed(b->hs, 3, 4, hop1.address, hop1.mac);
	settle(b);
	target_counts(b->target, &n);
	OK(!n.updates, "the same address is no news");
	chim_hs_neighbor_changed(b->hs, 4, 4, hop1.address, mac);
	settle(b);
	target_counts(b->target, &n);
	OK(!n.updates, "nor is another interface's");
	/* Two changes at once: the second waits for the first. */
	chim_hs_neighbor_changed(b->hs, 3, 4, hop1.address, mac);
	chim_hs_neighbor_changed(b->hs, 3, 4, hop1.address, other);
	settle(b);
	target_counts(b->target, &n);
	OK(n.updates == 2 && !memcmp(n.mac, other, 6), "the newest address arrives");
	chim_hs_mtu_changed(b->hs, &img.key, 1400);
	chim_hs_mtu_changed(b->hs, &img.key, 1300);
	chim_hs_mtu_changed(b->hs, &img.key, 1300);
	settle(b);
	target_counts(b->target, &n);
	OK(n.updates == 4 && n.mtu == 1300, "the newest MTU arrives");
	OK(target_ask_neighbor(b->target, &img.key) == 1000 + 78,
	   "a reachability question is answered at once");
	chim_tcp_image_free(&img);
	bed_free(b);
}

static void test_route_change(void)
{
	struct chim_hop hop2 = hop1;
	struct bed *b = bed_new(NULL);
	struct chim_tcp_image img;
	struct target_counts n;

	hop2.address[3] = 99;
	image(&img, 1000, 0, 0, 0);
	chim_hs_initiate(b->hs, &b->c[0], &img, &hop1);
	settle(b);
	OK(!chim_hs_ready(b->hs, &img.key, &hop2), "its path leads elsewhere, and is in use");
	chim_hs_terminate(&b->c[0]);
	settle(b);
	OK(!chim_hs_ready(b->hs, &img.key, &hop2), "not in use any more: it goes");
	settle(b);
	OK(chim_hs_ready(b->hs, &img.key, &hop2), "gone");
	chim_hs_initiate(b->hs, &b->c[0], &img, &hop2);
	settle(b);
	target_counts(b->target, &n);
	OK(b->c[0].offloaded && n.neighbors == 2 && n.paths == 1 &&
		   !memcmp(chim_hs_hop(&b->c[0])->address, hop2.address, 16),
	   "offloaded the new way");
	chim_tcp_image_free(&img);
	bed_free(b);
}

static struct chim_held *held(const struct chim_tcp_image *img)
{
	struct chim_segment seg = { .seq = img->RcvNxt, .ack = img->SndUna, .flags = CHIM_TH_ACK };
	struct chim_held_queue q = { 0 };
	uint8_t buf[256], mac[6] = { 2 };
	struct chim_frame f;
	size_t len = chim_frame_build(buf, mac, mac, &img->key, &seg, "abc", 3);

	chim_frame_parse(buf, len, false, &f);
	chim_held_add(&q, &f, len, true, true);
	return chim_held_take(&q);
}

static void test_calls(void)
{
	struct target_plan plan = { .indicate = 0 };
	struct bed *b = bed_new(&plan);
	struct chim_tcp_image img;
	struct chim_held *h;
	NDIS_STATUS status;
	ULONG consumed;

	image(&img, 1000, 0, 0, 0);
	h = held(&img);
	OK(chim_hs_send(&b->c[0], h->bytes, 1) == -EINVAL &&
		   chim_hs_forward(&b->c[0], h) == -EINVAL &&
		   chim_hs_want_data(&b->c[0]) == -EINVAL &&
		   chim_hs_terminate(&b->c[0]) == -EINVAL && chim_hs_query(&b->c[0]) == -EINVAL,
	   "nothing works on what is not offloaded");
	chim_hs_initiate(b->hs, &b->c[0], &img, &hop1);
	OK(chim_hs_send(&b->c[0], h->bytes, 1) == -EINVAL && chim_hs_terminate(&b->c[0]) == -EINVAL,
	   "nor while it is on its way");
	settle(b);

	OK(!chim_hs_query(&b->c[0]) && chim_hs_query(&b->c[0]) == -EBUSY &&
		   chim_hs_terminate(&b->c[0]) == -EAGAIN,
	   "one query at a time, then a terminate");
	settle(b);
	OK(b->queried == 1 && b->state.RcvNxt == img.RcvNxt &&
		   b->state.SendBacklogSize == CHIM_BACKLOG_NONE,
	   "the query's answer");

	OK(!chim_hs_forward(&b->c[0], h) && b->c[0].forwards == 1, "a frame is forwarded");
	target_event(b->target, &img.key, TcpIndicateRetrieve, UploadRequested);
	OK(b->event == TcpIndicateRetrieve && b->information == UploadRequested, "an event");

	b->room = 10;
	status = target_indicate(b->target, &img.key, "0123456789abcdef", 16, &consumed);
	OK(status == NDIS_STATUS_OFFLOAD_DATA_PARTIALLY_ACCEPTED && consumed == 10,
	   "data partly taken");
	status = target_indicate(b->target, &img.key, "abcdef", 6, &consumed);
	OK(status == NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED && !consumed, "then refused");
	OK(!chim_hs_want_data(&b->c[0]) && !chim_hs_want_data(&b->c[0]), "asked for again");
	settle(b);
	b->room = 100;
	status = target_indicate(b->target, &img.key, "abcdef", 6, &consumed);
	OK(status == NDIS_STATUS_SUCCESS && b->data_len == 16 &&
		   !memcmp(b->data, "0123456789abcdef", 16),
	   "and taken");
	chim_hs_terminate(&b->c[0]);
	settle(b);
	OK(b->forwarded == 1 && b->frame == h && b->frame_status == NDIS_STATUS_UPLOAD_IN_PROGRESS,
	   "the frame comes back");
	OK(!chim_hs_flush(b->hs) || chim_hs_destroy(b->hs) == -EBUSY, "in use: not destroyed");
	chim_hs_return(b->hs, b->kept);
	target_status(b->target, NDIS_STATUS_OFFLOAD_PAUSE);
	OK(b->status == NDIS_STATUS_OFFLOAD_PAUSE, "a pause is passed on");
	free(h);
	chim_tcp_image_free(&img);
	bed_free(b);
}

static void test_no_chimney(void)
{
	struct target_plan plan = { .no_chimney = true };
	static const struct chim_hs_limits limits = { 65536, 16384 };
	struct chim_ndis *ndis;
	struct target *t;
	struct chim_hs *hs;

	chim_ndis_create(NULL, &ndis);
	t = target_open(ndis, &plan);
	OK(chim_hs_create(ndis, target_adapter(t), &ops, NULL, &limits, &hs) == -ENOTSUP,
	   "an adapter without chimney");
	OK(!target_close(t) && !chim_ndis_destroy(ndis), "leaves nothing behind");
}

int main(void)
{
	test_there_and_back();
	test_partly_acknowledged(false);
	test_partly_acknowledged(true);
	test_sharing();
	test_failure(1, NDIS_STATUS_OFFLOAD_NEIGHBOR_ENTRIES);
	test_failure(2, NDIS_STATUS_OFFLOAD_PATH_ENTRIES);
	test_failure(3, NDIS_STATUS_OFFLOAD_TCP_ENTRIES);
	test_lost_state();
	test_missing_data();
	test_updates();
	test_route_change();
	test_calls();
	test_no_chimney();
	return tap_done();
}
