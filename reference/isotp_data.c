/* Octets between the lower socket and the circuit, and user data between the circuit
 * and the client. */
#include "isotp.h"
#include "lower.h"
#include "memory.h"
#include "service.h"
#include "thread.h"

/* Rounds of reading below in a row, so that others have their turn. */
#define TURN 16
/* Less room than that is not worth a call of the lower layer. */
#define WORTHWHILE 65536

/* --- Writing --------------------------------------------------------------------- */

/* A place in the client's buffers, or in what is left of them in `rest`. */
struct source {
    const WSABUF *buffers;
    DWORD count;
    size_t offset; /* in the first */
};

#define SLICES 16 /* of a DT, in one call of the lower layer */

/* Up to `length` octets from the source on: the number of slices, and *length becomes
 * what they hold. */
static DWORD slice(const struct source *source, size_t *length, WSABUF *slices)
{
    size_t left = *length;
    size_t offset = source->offset;
    DWORD used = 0;

    for (DWORD i = 0; i < source->count && left && used < SLICES; i++) {
        size_t size = source->buffers[i].len - offset;

        if (size > left)
            size = left;
        if (size)
            slices[used++] = (WSABUF){(ULONG)size, source->buffers[i].buf + offset};
        left -= size;
        offset = 0;
    }
    *length -= left;
    return used;
}

static void advance(struct source *source, size_t length)
{
    source->offset += length;
    while (source->count && source->offset >= source->buffers->len) {
        source->offset -= source->buffers->len;
        source->buffers++;
        source->count--;
    }
}

/* Gives TCP the circuit's output, with user data from the source, until either has no
 * more or TCP takes no more: 0, WSAEWOULDBLOCK or a code. *taken is what it took of the
 * source. */
static int put_out(struct endpoint *endpoint, struct source *source, size_t *taken)
{
    struct circuit *circuit = &isotp_of(endpoint)->circuit;

    for (;;) {
        struct outbox_output output = circuit_output(circuit);
        size_t payload = output.payload;
        WSABUF slices[1 + SLICES] = {
            {(ULONG)output.octets.length, (char *)output.octets.at}};
        DWORD count = 1 + slice(source, &payload, slices + 1);
        DWORD written;
        int error;

        if (!output.octets.length && !payload)
            return 0;
        if (lower.lpWSPSend(
                endpoint->lower, slices, count, &written, 0, NULL, NULL, NULL, &error))
            return error;
        circuit_written(circuit, written);
        if (written > output.octets.length) {
            advance(source, written - output.octets.length);
            *taken += written - output.octets.length;
        }
    }
}

static void drop_rest(struct isotp *isotp)
{
    memory_free(isotp->rest);
    isotp->rest = NULL;
}

void isotp_write(struct endpoint *endpoint)
{
    struct isotp *isotp = isotp_of(endpoint);
    WSABUF rest = {(ULONG)(isotp->rest_length - isotp->rest_sent),
                   (char *)isotp->rest + isotp->rest_sent};
    struct source source = {&rest, isotp->rest != NULL, 0};
    int error = put_out(endpoint, &source, &isotp->rest_sent);

    if (isotp->rest && isotp->rest_sent == isotp->rest_length)
        drop_rest(isotp);
    if (error && error != WSAEWOULDBLOCK)
        isotp_abort(endpoint);
}

bool isotp_can_send(const struct endpoint *endpoint)
{
    const struct isotp *isotp = isotp_of(endpoint);

    if (isotp->circuit.state == CIRCUIT_CLOSED)
        return true; /* in so far as it fails at once */
    return !isotp->rest && circuit_output(&isotp->circuit).octets.length == 0;
}

/* Why a client cannot send; 0: it can. */
static int refusal(const struct isotp *isotp)
{
    if (isotp->circuit.state == CIRCUIT_OPEN ||
        isotp->circuit.state == CIRCUIT_PEER_LEFT)
        return 0;
    return isotp->end_code ? isotp->end_code : WSAECONNABORTED;
}

static bool readable(const struct transfer *transfer)
{
    for (DWORD i = 0; i < transfer->count; i++) {
        if (!memory_readable(transfer->buffers[i].buf, transfer->buffers[i].len))
            return false;
    }
    return true;
}

/* What TCP has not taken is kept, so that a message is sent as a whole or not at all.
 */
static int keep_rest(struct isotp *isotp, const struct source *source, size_t length)
{
    WSABUF slices[SLICES];
    struct source from = *source;
    uint8_t *at = memory_allocate(length);

    if (!at)
        return WSAENOBUFS;
    isotp->rest = at;
    isotp->rest_length = length;
    isotp->rest_sent = 0;
    while (length) {
        size_t step = length;
        DWORD count = slice(&from, &step, slices);

        for (DWORD i = 0; i < count; i++) {
            memcpy(at, slices[i].buf, slices[i].len);
            at += slices[i].len;
        }
        advance(&from, step);
        length -= step;
    }
    return 0;
}

static int send_data(struct endpoint *endpoint,
                     const struct transfer *transfer,
                     size_t length,
                     bool last)
{
    struct isotp *isotp = isotp_of(endpoint);
    struct source source = {transfer->buffers, transfer->count, 0};
    size_t taken = 0;
    int error;

    advance(&source, transfer->begin);
    circuit_send(&isotp->circuit, length, last);
    error = put_out(endpoint, &source, &taken);
    if (error == WSAEWOULDBLOCK)
        error = taken < length ? keep_rest(isotp, &source, length - taken) : 0;
    if (error)
        isotp_abort(endpoint);
    return error;
}

/* 0, or why nothing can be sent now. */
static int may_send(struct endpoint *endpoint)
{
    int error;

    if (!isotp_can_send(endpoint))
        isotp_drive(endpoint);
    error = refusal(isotp_of(endpoint));
    if (!error && !isotp_can_send(endpoint))
        error = WSAEWOULDBLOCK;
    return error;
}

/* A stream is sent in messages of a bounded length, one a call. */
int isotp_send(struct endpoint *endpoint,
               struct transfer *transfer,
               WSAOVERLAPPED *done)
{
    bool stream = endpoint_has(endpoint, XP1_PSEUDO_STREAM);
    bool last = stream || !(transfer->flags & MSG_PARTIAL);
    size_t length = transfer_length(transfer) - transfer->begin;
    int error;

    (void)done;
    if (!readable(transfer))
        return WSAEFAULT;
    if (length > ISOTP_MESSAGE_MAX && !stream)
        return WSAEMSGSIZE;
    if (length > ISOTP_MESSAGE_MAX)
        length = ISOTP_MESSAGE_MAX;
    error = may_send(endpoint);
    if (!error && (length || (last && !stream))) /* others would be nothing */
        error = send_data(endpoint, transfer, length, last);
    transfer->bytes = (DWORD)length;
    return error;
}

/* --- Reading --------------------------------------------------------------------- */

static bool make_queue(struct isotp *isotp)
{
    enum { SIZE = ISOTP_MESSAGE_MAX + TSDU_QUEUE_OVERHEAD };

    if (isotp->memory)
        return true;
    isotp->memory = memory_allocate(SIZE);
    if (!isotp->memory)
        return false;
    tsdu_queue_init(&isotp->queue, isotp->memory, SIZE);
    return true;
}

/* How many octets may be read now. */
static size_t room(struct isotp *isotp)
{
    size_t free;

    if (isotp->discarding || (isotp->circuit.state != CIRCUIT_OPEN &&
                              isotp->circuit.state != CIRCUIT_LEAVING))
        return THREAD_SCRATCH; /* nothing of it is user data */
    free = make_queue(isotp) ? tsdu_queue_room(&isotp->queue) : 0;
    return free < THREAD_SCRATCH ? free : THREAD_SCRATCH;
}

static void feed(struct endpoint *endpoint, struct octets input)
{
    struct isotp *isotp = isotp_of(endpoint);
    struct circuit_event event;

    while (input.length > 0 && !isotp->unusable) {
        input = octets_after(input, circuit_feed(&isotp->circuit, input, &event));
        isotp_take_event(endpoint, &event);
    }
}

/* The TCP connection has ended in their direction, with a code or in order. */
static void input_ends(struct endpoint *endpoint, int error)
{
    struct isotp *isotp = isotp_of(endpoint);
    struct circuit_event event;

    isotp->input_over = true;
    if (error)
        circuit_lose(&isotp->circuit, &event);
    else
        circuit_end(&isotp->circuit, &event);
    isotp_take_event(endpoint, &event);
}

/* One call of the lower layer; false: there is nothing more for now. */
static bool read_once(struct endpoint *endpoint, char *memory, size_t size)
{
    WSABUF buffer = {(ULONG)size, memory};
    DWORD flags = 0;
    DWORD bytes = 0;
    int error = 0;

    if (lower.lpWSPRecv(
            endpoint->lower, &buffer, 1, &bytes, &flags, NULL, NULL, NULL, &error) == 0)
        error = 0;
    if (error == WSAEWOULDBLOCK)
        return false;
    if (error || !bytes)
        input_ends(endpoint, error);
    else
        feed(endpoint, octets_of(memory, bytes));
    return bytes == size;
}

void isotp_read(struct endpoint *endpoint)
{
    struct isotp *isotp = isotp_of(endpoint);
    char *memory = thread_scratch();
    bool more = memory != NULL;

    for (int i = 0; more && !isotp->input_over && !isotp->unusable; i++) {
        size_t size = room(isotp);

        isotp->starved = size == 0;
        if (i == TURN)
            service_announce(endpoint, FD_READ); /* later */
        more = size && i < TURN && read_once(endpoint, memory, size);
    }
}

/* --- Receiving ------------------------------------------------------------------- */

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
    if (!deliverable(endpoint, partly)) {
        isotp_drive(endpoint);
        drop_empty(endpoint);
    }
    if (!deliverable(endpoint, partly))
        return take_nothing(endpoint, transfer, partly);
    error = reads_stream(endpoint) ? take_stream(endpoint, transfer)
                                   : take_message(endpoint, transfer);
    resume(endpoint);
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
