/* User data from the client, and octets to the lower socket. */
#include "isotp.h"
#include "lower.h"
#include "memory.h"

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
