/* SPDX-License-Identifier: Apache-2.0
 * Copyright The OpenChimney contributors
 *
 * The rule of device time: the oldest waiting frame's time, the wall clock only when none waits.
 * Hard part: the moments at which a wrong rule would fire a timer before the frame that cancels it.
 */
#include "sim/shell/devtime.h"
#include "tests/unit/tap.h"

#define MS 1000000u

int main(void)
{
	static struct chim_devtime t;
	unsigned int i;

	chim_devtime_init(&t, 50 * MS);
	IS(chim_devtime_ms(&t), 0, "starts at zero");
	chim_devtime_update(&t, 57 * MS, 0);
	IS(chim_devtime_ms(&t), 7, "follows the wall clock when nothing waits");
	chim_devtime_update(&t, 55 * MS, 0);
	IS(chim_devtime_ms(&t), 7, "never goes back");

	/* Not scheduled for 300 ms; an ACK had arrived after 10. */
	chim_devtime_arrived(&t, 67 * MS);
	chim_devtime_arrived(&t, 80 * MS);
	chim_devtime_update(&t, 357 * MS, 1000);
	IS(chim_devtime_ms(&t), 17, "a late look: only up to the oldest waiting frame");
	chim_devtime_update(&t, 400 * MS, 2000);
	IS(chim_devtime_ms(&t), 17, "however long it waits");
	chim_devtime_taken(&t, 2100);
	IS(chim_devtime_ms(&t), 30, "then up to the next one, at once");
	chim_devtime_taken(&t, 2200);
	IS(chim_devtime_ms(&t), 30, "the last one taken: not yet on");
	chim_devtime_update(&t, 401 * MS, 2200 + CHIM_DEVTIME_SETTLE - 1);
	IS(chim_devtime_ms(&t), 30, "while it is being processed");
	chim_devtime_update(&t, 402 * MS, 2200 + CHIM_DEVTIME_SETTLE);
	IS(chim_devtime_ms(&t), 352, "then to the wall clock");

	/* Idle sooner than the settling bound. */
	chim_devtime_arrived(&t, 403 * MS);
	chim_devtime_taken(&t, 5000);
	chim_devtime_idle(&t);
	chim_devtime_update(&t, 410 * MS, 5001);
	IS(chim_devtime_ms(&t), 360, "an idle device has settled");

	/* A frame that says it arrived long ago does not turn time back. */
	chim_devtime_arrived(&t, 100 * MS);
	chim_devtime_update(&t, 420 * MS, 6000);
	IS(chim_devtime_ms(&t), 360, "an old arrival holds time, it does not turn it back");
	chim_devtime_flush(&t);
	chim_devtime_update(&t, 421 * MS, 6001);
	IS(chim_devtime_ms(&t), 371, "flush: nothing waits any more");
	chim_devtime_taken(&t, 6002);
	IS(chim_devtime_room(&t), CHIM_DEVTIME_FRAMES, "taken without a waiting frame is harmless");

	/* A saturated device: 1 frame a ms arrives, taken at half that rate. */
	chim_devtime_init(&t, 0);
	for (i = 1; i <= 1000; i++) {
		chim_devtime_arrived(&t, (uint64_t)i * MS);
		chim_devtime_update(&t, (uint64_t)i * MS, i * 200u);
		if (i % 2 == 0)
			chim_devtime_taken(&t, i * 200u + 100);
		/* i / 2 frames are inside: the next one's arrival. */
		if (chim_devtime_ms(&t) != i / 2 + 1)
			break;
	}
	IS(i, 1001, "a saturated device lives in the time of its frames");
	IS(chim_devtime_room(&t), CHIM_DEVTIME_FRAMES - 500, "room is what is left");
	while (chim_devtime_room(&t) < CHIM_DEVTIME_FRAMES)
		chim_devtime_taken(&t, 300000);
	IS(chim_devtime_ms(&t), 1000, "and catches up with them");

	/* Around the end of the ring. */
	for (i = 0; i < 3 * CHIM_DEVTIME_FRAMES; i++) {
		chim_devtime_arrived(&t, (2000 + (uint64_t)i) * MS);
		if (i % 3 == 2) {
			chim_devtime_taken(&t, 1);
			chim_devtime_taken(&t, 1);
			chim_devtime_taken(&t, 1);
		}
	}
	IS(chim_devtime_ms(&t), 2000 + 3 * CHIM_DEVTIME_FRAMES - 1, "order survives wrapping");
	return tap_done();
}
