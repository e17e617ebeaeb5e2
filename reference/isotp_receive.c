/* User data to the client. */
#include "isotp.h"
#include "lower.h"
#include "memory.h"
#include "service.h"

/* Less room than that is not worth a call of the lower layer. */
#define WORTHWHILE 65536

static bool reads_stream(const struct endpoint *endpoint)
{
    return endpoint_has(endpoint, XP1_PSEUDO_STREAM) ||
           !endpoint_has(endpoint, XP1_MESSAGE_ORIENTED);
}

/* Whether as much of the message at the front is there as there will ever be at once;
 * `partly`: or anything of it. Empty ones count for messages only. */
static bool deliverable(const struct endpoint *endpoint, bool partly)
{
    const struct isotp *isotp = isotp_of(endpoint);
    struct tsdu_front front;

    if (!tsdu_queue_front(&isotp->queue, &front))
        return false;
    if (reads_stream(endpoint) || partly)
        return front.length > 0 || front.complete;
    return front.complete || tsdu_queue_room(&isotp->queue) == 0;
}

/* A reader of a stream has no use for empty messages. */
static void drop_empty(struct endpoint *endpoint)
{
    struct tsdu_queue *queue = &isotp_of(endpoint)->queue;
    struct tsdu_front front;

    while (reads_stream(endpoint) && tsdu_queue_front(queue, &front) &&
           front.length == 0 && front.complete)
        tsdu_queue_drop(queue, 0);
}

bool isotp_can_receive(const struct endpoint *endpoint)
{
    return deliverable(endpoint, false);
}

DWORD isotp_available(struct endpoint *endpoint)
{
    struct tsdu_front front;

    isotp_drive(endpoint);
    drop_empty(endpoint);
    tsdu_queue_front(&isotp_of(endpoint)->queue, &front);
    return (DWORD)front.length;
}

/* Copies from the message at the front into the client's buffers, from *offset in them
 * on; false for memory that is not the client's to be written. */
static bool copy_front(const struct tsdu_queue *queue,
                       const struct transfer *transfer,
                       size_t *offset)
{
    size_t skip = *offset;
    size_t from = 0;

    for (DWORD i = 0; i < transfer->count; i++) {
        const WSABUF *buffer = &transfer->buffers[i];
        struct tsdu_front front;
        size_t size;

        if (skip >= buffer->len) {
            skip -= buffer->len;
            continue;
        }
        tsdu_queue_front(queue, &front);
        size = buffer->len - skip;
        if (size > front.length - from)
            size = front.length - from;
        if (!memory_writable(buffer->buf + skip, size))
            return false;
        tsdu_queue_copy(queue, from, (uint8_t *)buffer->buf + skip, size);
        from += size;
        skip = 0;
    }
    *offset += from;
    return true;
}

/* A message, or as much of it as there is room for. */
static int take_message(struct endpoint *endpoint, struct transfer *transfer)
{
    struct tsdu_queue *queue = &isotp_of(endpoint)->queue;
    struct tsdu_front front;
    size_t taken = 0;
    bool whole;

    tsdu_queue_front(queue, &front);
    if (!copy_front(queue, transfer, &taken))
        return WSAEFAULT;
    whole = taken == front.length && front.complete;
    transfer->bytes = (DWORD)taken;
    if (!whole && !endpoint_has(endpoint, XP1_PARTIAL_MESSAGE))
        return WSAEMSGSIZE; /* it stays as it is, for a larger buffer */
    if (!(transfer->flags & MSG_PEEK))
        tsdu_queue_drop(queue, taken);
    transfer->flags = whole ? 0 : MSG_PARTIAL;
    return 0;
}

static int take_stream(struct endpoint *endpoint, struct transfer *transfer)
{
    struct tsdu_queue *queue = &isotp_of(endpoint)->queue;
    size_t room_left = transfer_length(transfer);
    size_t taken = 0;
    size_t before;

    do {
        before = taken;
        if (!copy_front(queue, transfer, &taken))
            return taken ? 0 : WSAEFAULT;
        room_left -= taken - before;
        if (transfer->flags & MSG_PEEK)
            break;
        tsdu_queue_drop(queue, taken - before);
        drop_empty(endpoint);
        transfer->bytes = (DWORD)taken;
    } while (room_left && taken > before && deliverable(endpoint, true));
    transfer->bytes = (DWORD)taken;
    transfer->flags = 0;
    return 0;
}

/* Nothing is there: not yet, or not any more. */
static int
take_nothing(struct endpoint *endpoint, struct transfer *transfer, bool partly)
{
    const struct isotp *isotp = isotp_of(endpoint);

    if (!isotp->ended)
        return WSAEWOULDBLOCK;
    if (isotp->end_code)
        return isotp->end_code;
    if (!partly && !reads_stream(endpoint))
        return WSAEDISCON;
    transfer->bytes = 0;
    transfer->flags = 0;
    return 0;
}

/* The queue has got room again; reading on is worth it. */
static void resume(struct endpoint *endpoint)
{
    struct isotp *isotp = isotp_of(endpoint);

    if (isotp->timer == CIRCUIT_TIMER_ANSWER) {
        isotp->timer = CIRCUIT_TIMER_NONE; /* our client is not idle: begin anew */
        isotp_finish(endpoint);
    }
    if (isotp->starved && tsdu_queue_room(&isotp->queue) >= WORTHWHILE)
        isotp_drive(endpoint);
}

int isotp_receive(struct endpoint *endpoint,
                  struct transfer *transfer,
                  WSAOVERLAPPED *done)
{
    bool partly =
        (transfer->flags & MSG_PARTIAL) && endpoint_has(endpoint, XP1_PARTIAL_MESSAGE);
    int error;

    (void)done;
    drop_empty(endpoint);
    if (!deliverable(endpoint, partly) && !transfer->waits) {
        isotp_drive(endpoint);
        drop_empty(endpoint);
    }
    if (!deliverable(endpoint, partly))
        return take_nothing(endpoint, transfer, partly);
    error = reads_stream(endpoint) ? take_stream(endpoint, transfer)
                                   : take_message(endpoint, transfer);
    resume(endpoint);
    isotp_empty_queue(isotp_of(endpoint));
    return error;
}

void isotp_end_reception(struct endpoint *endpoint)
{
    struct isotp *isotp = isotp_of(endpoint);

    isotp->discarding = true;
    memory_free(isotp->memory);
    isotp->memory = NULL;
    isotp->queue = (struct tsdu_queue){0};
    isotp_drive(endpoint);
    service_update(endpoint);
}
