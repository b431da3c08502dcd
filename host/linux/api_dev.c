/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * Verbs about the device: what it is, whether it answers as it should, its registers by name. Hard
 * part: none; names and offsets come from the contract.
 */
#include "api.h"

#include "prog.h"

#include "../../rtl/contract/chim_contract.h"
#include "../../rtl/contract/chim_regs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	uint32_t off;
} registers[] = {
#include "reg_names.inc"
};

enum { REGISTERS = sizeof(registers) / sizeof(registers[0]) };

int chim_dev_describe(struct chim_nic *nic, struct chim_val *out)
{
	struct chim_nic_info info;
	struct chim_val *features;
	int err = chim_nic_info(nic, &info), i;

	if (err)
		return err;
	chim_val_put_form(out, "contract", "%u.%u", info.version_major, info.version_minor);
	chim_val_put_form(out, "build_id", "%08x", info.build_id);
	chim_val_put_int(out, "data_width", info.data_w);
	chim_val_put_int(out, "connections", info.conns);
	chim_val_put_int(out, "neighbors", info.neighbors);
	chim_val_put_int(out, "paths", info.paths);
	features = chim_val_put_list(out, "features");
	for (i = 0; i < 32; i++)
		if (info.features >> i & 1)
			chim_val_put(features, NULL,
				     chim_val_text(chim_hw_feature_name((uint32_t)i)));
	return 0;
}

static unsigned int check(struct chim_val *list, const char *what, bool ok)
{
	struct chim_val *o = chim_val_put_object(list, NULL);

	chim_val_put_text(o, "check", what);
	chim_val_put_text(o, "result", ok ? "ok" : "FAILED");
	return !ok;
}

static uint32_t peek(struct chim_nic *nic, uint32_t off)
{
	uint32_t value = 0;

	return chim_nic_reg_read(nic, off, &value) ? ~value : value;
}

/* Harmless while the device works: one register that only moderates interrupts is written. */
unsigned int chim_dev_selftest(struct chim_nic *nic, struct chim_val *out)
{
	struct chim_val *list = chim_val_put_list(out, "checks");
	uint32_t status = peek(nic, CHIM_REG_STATUS), gap = peek(nic, CHIM_REG_IRQ_GAP);
	unsigned int bad = 0;

	bad += check(list, "magic number", peek(nic, CHIM_REG_MAGIC) == CHIM_REG_MAGIC_VALUE_RESET);
	bad += check(list, "contract version",
		     (peek(nic, CHIM_REG_VERSION) >> CHIM_REG_VERSION_MAJOR_SHIFT) ==
			     CHIM_VERSION_MAJOR);
	bad += check(list, "firmware runs", status & CHIM_REG_STATUS_FW_ALIVE_MASK);
	bad += check(list, "no fatal fault", !(status & CHIM_REG_STATUS_FATAL_MASK));
	chim_nic_reg_write(nic, CHIM_REG_MAGIC, 0);
	bad += check(list, "a read-only register cannot be written",
		     peek(nic, CHIM_REG_MAGIC) == CHIM_REG_MAGIC_VALUE_RESET);
	chim_nic_reg_write(nic, CHIM_REG_IRQ_GAP, gap ^ 0x5a);
	bad += check(list, "a register keeps what is written",
		     peek(nic, CHIM_REG_IRQ_GAP) == (gap ^ 0x5a));
	chim_nic_reg_write(nic, CHIM_REG_IRQ_GAP, gap);
	return bad;
}

int chim_api_dev_info(struct chim_request *r)
{
	int err = chim_dev_describe(r->prog->nic, r->data);

	r->cause = "the device does not answer";
	chim_val_put_text(r->data, "device", r->prog->cfg.device);
	return err;
}

int chim_api_dev_selftest(struct chim_request *r)
{
	unsigned int bad = chim_dev_selftest(r->prog->nic, r->data);

	r->cause = "the device failed its self-test";
	return bad ? -EIO : 0;
}

int chim_reg_parse(const char *text, uint32_t *off)
{
	unsigned long long value;
	char *end;
	size_t i;

	for (i = 0; i < REGISTERS; i++) {
		if (!strcmp(registers[i].name, text)) {
			*off = registers[i].off;
			return 0;
		}
	}
	errno = 0;
	value = strtoull(text, &end, 0);
	if (!*text || *end || errno)
		return -ENOENT;
	if (value % 4 || value >= CHIM_REG_SPAN)
		return -EINVAL;
	*off = (uint32_t)value;
	return 0;
}

static const char *reg_name(uint32_t off)
{
	size_t i;

	for (i = 0; i < REGISTERS; i++)
		if (registers[i].off == off)
			return registers[i].name;
	return "-";
}

static int reg_of(struct chim_request *r, uint32_t *off)
{
	int err = chim_reg_parse(chim_val_get_text(r->args, "reg", ""), off);

	r->cause = err == -EINVAL ? "offset not a multiple of 4, or too large" : "no such register";
	return err;
}

static void put_reg(struct chim_val *out, uint32_t off, uint32_t value)
{
	chim_val_put_text(out, "name", reg_name(off));
	chim_val_put_form(out, "offset", "0x%03x", off);
	chim_val_put_form(out, "value", "0x%08x", value);
}

int chim_api_reg_get(struct chim_request *r)
{
	uint32_t off, value;
	int err = reg_of(r, &off);

	if (err)
		return err;
	err = chim_nic_reg_read(r->prog->nic, off, &value);
	r->cause = "the register cannot be read";
	if (!err)
		put_reg(r->data, off, value);
	return err;
}

int chim_api_reg_set(struct chim_request *r)
{
	int64_t value = chim_val_get_int(r->args, "value", -1);
	uint32_t off;
	int err = reg_of(r, &off);

	if (err)
		return err;
	r->cause = "the value is not one of 32 bits";
	if (value < 0 || value > UINT32_MAX)
		return -EINVAL;
	err = chim_nic_reg_write(r->prog->nic, off, (uint32_t)value);
	r->cause = "the register cannot be written";
	if (!err)
		put_reg(r->data, off, (uint32_t)value);
	return err;
}

int chim_api_reg_dump(struct chim_request *r)
{
	struct chim_val *list = chim_val_put_list(r->data, "registers");
	size_t i;

	for (i = 0; i < REGISTERS; i++) {
		uint32_t value;
		int err = chim_nic_reg_read(r->prog->nic, registers[i].off, &value);

		if (err) {
			r->cause = "a register cannot be read";
			return err;
		}
		put_reg(chim_val_put_object(list, NULL), registers[i].off, value);
	}
	return 0;
}
