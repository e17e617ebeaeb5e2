/* TSDUs that have arrived and wait to be read, whole or in parts, with their
 * boundaries, in memory of a fixed size that its owner gives. */
#ifndef ISOTP_TSDU_QUEUE_H
#define ISOTP_TSDU_QUEUE_H

#include "octets.h"

/* What the memory must have beyond the longest TSDU that is to be read only as a whole
 * (circuit_setup.tsdu_max); a TSDU read in parts may be of any length. */
enum { TSDU_QUEUE_OVERHEAD = 5 };

struct tsdu_queue {
    uint8_t *memory;
    size_t capacity;
    size_t first; /* where the oldest TSDU begins */
    size_t used;
    size_t open;   /* where the newest TSDU begins, if it has not ended */
    bool has_open; /* and whether there is such a TSDU */
};

/* `memory` stays the caller's and outlives the queue; up to 2 ** 31 octets. */
void tsdu_queue_init(struct tsdu_queue *queue, uint8_t *memory, size_t capacity);

/* How many octets may be taken from the stream now, so that tsdu_queue_put cannot fail
 * for any event that circuit_feed makes of them. Not 0 for long, if the owner heeds
 * TSDU_QUEUE_OVERHEAD and its client reads. */
size_t tsdu_queue_room(const struct tsdu_queue *queue);

/* Appends to the newest TSDU, or begins one; `last` ends it. False, and nothing done,
 * if there is no room. */
bool tsdu_queue_put(struct tsdu_queue *queue, struct octets data, bool last);

/* The oldest TSDU. */
struct tsdu_front {
    size_t length; /* octets that have arrived and were not dropped */
    bool complete; /* these are all */
};

/* False if there is none. */
bool tsdu_queue_front(const struct tsdu_queue *queue, struct tsdu_front *front);

/* Copies up to `size` octets of the oldest TSDU, from `offset` on, and returns how
 * many. */
size_t tsdu_queue_copy(const struct tsdu_queue *queue,
                       size_t offset,
                       uint8_t *to,
                       size_t size);

/* Drops `count` octets of the oldest TSDU, at most its length, and with its last octet
 * the TSDU itself, if it is complete. An empty TSDU goes with `count` 0; it is a
 * message, but for who reads a stream it is nothing at all, in particular not the end.
 */
void tsdu_queue_drop(struct tsdu_queue *queue, size_t count);

#endif
