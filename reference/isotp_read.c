/* Octets from the lower socket: by the service thread, or by a thread of the client
 * that waits for them. */
#include "isotp.h"
#include "lower.h"
#include "memory.h"
#include "service.h"
#include "thread.h"
#include "timer.h"

/* Rounds of reading below in a row, so that others have their turn. */
#define TURN 16
/* So many reads make a client one that reads all the time, */
#define HABIT 8
/* until it has not read for this long. */
#define REST_MS 500
/* --- The queue ------------------------------------------------------------------- */

/* Most connections have nothing in their queues most of the time. */
static uint8_t *spare;

bool isotp_make_queue(struct isotp *isotp)
{
    enum { SIZE = ISOTP_MESSAGE_MAX + TSDU_QUEUE_OVERHEAD };

    if (isotp->memory)
        return true;
    isotp->memory = InterlockedExchangePointer((void **)&spare, NULL);
    if (!isotp->memory)
        isotp->memory = memory_allocate(SIZE);
    if (!isotp->memory)
        return false;
    tsdu_queue_init(&isotp->queue, isotp->memory, SIZE);
    return true;
}

void isotp_empty_queue(struct isotp *isotp)
{
    if (!isotp->memory || isotp->queue.used)
        return;
    memory_free(InterlockedExchangePointer((void **)&spare, isotp->memory));
    isotp->memory = NULL;
    isotp->queue = (struct tsdu_queue){0};
}

void isotp_free_queues(void)
{
    memory_free(InterlockedExchangePointer((void **)&spare, NULL));
}

/* --- Reading --------------------------------------------------------------------- */

/* How many octets may be read now. */
static size_t room(struct isotp *isotp)
{
    size_t free;

    if (isotp->discarding || (isotp->circuit.state != CIRCUIT_OPEN &&
                              isotp->circuit.state != CIRCUIT_LEAVING))
        return THREAD_SCRATCH; /* nothing of it is user data */
    if (!isotp->memory)
        return THREAD_SCRATCH; /* a new queue has room for that */
    free = tsdu_queue_room(&isotp->queue);
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

/* What a call of the lower layer has brought. */
static void take_input(struct endpoint *endpoint, struct octets input, int error)
{
    if (error || !input.length)
        input_ends(endpoint, error);
    else
        feed(endpoint, input);
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
    take_input(endpoint, octets_of(memory, bytes), error);
    return bytes == size;
}

void isotp_read(struct endpoint *endpoint)
{
    struct isotp *isotp = isotp_of(endpoint);
    char *memory = thread_scratch();
    bool more = memory != NULL && !isotp->reading;

    isotp->due = isotp->reading;
    for (int i = 0; more && !isotp->input_over && !isotp->unusable; i++) {
        size_t size = room(isotp);

        isotp->starved = size == 0;
        if (i == TURN)
            service_announce(endpoint, FD_READ); /* later */
        more = size && i < TURN && read_once(endpoint, memory, size);
    }
}

/* --- A client that reads by itself ----------------------------------------------- */

/* Announcements for somebody who reads anyway would only keep the service thread busy.
 */
static void begin_rest(struct endpoint *endpoint)
{
    struct isotp *isotp = isotp_of(endpoint);

    isotp->reads++;
    if (isotp->reads < HABIT || !(endpoint->armed & FD_READ) ||
        isotp->circuit.state != CIRCUIT_OPEN || isotp->timer != CIRCUIT_TIMER_NONE)
        return;
    service_relax(endpoint, FD_READ);
    isotp->reads = 0;
    isotp->resting = !(endpoint->armed & FD_READ);
    if (isotp->resting)
        timer_set(endpoint, REST_MS);
}

void isotp_end_rest(struct endpoint *endpoint)
{
    struct isotp *isotp = isotp_of(endpoint);

    if (!isotp->resting)
        return;
    isotp->resting = false;
    isotp->reads = 0;
    service_update(endpoint);
}

void isotp_rest_expired(struct endpoint *endpoint)
{
    struct isotp *isotp = isotp_of(endpoint);

    if (!isotp->reads && !isotp->reading)
        isotp_end_rest(endpoint);
    else if (!isotp->reading)
        timer_set(endpoint, REST_MS);
    isotp->reads = 0;
}

int isotp_begin_reading(struct endpoint *endpoint, WSAOVERLAPPED *done)
{
    struct isotp *isotp = isotp_of(endpoint);
    WSABUF buffer = {(ULONG)room(isotp), thread_scratch()};
    DWORD bytes = 0;
    int error = 0;

    isotp->starved = buffer.len == 0;
    if (isotp->reading || isotp->input_over || !buffer.len || !buffer.buf)
        return WSAEWOULDBLOCK;
    begin_rest(endpoint);
    isotp->read_flags = 0;
    isotp->read_memory = buffer.buf;
    if (lower.lpWSPRecv(endpoint->lower,
                        &buffer,
                        1,
                        &bytes,
                        &isotp->read_flags,
                        done,
                        NULL,
                        NULL,
                        &error) == 0)
        error = 0;
    isotp->reading = error == WSA_IO_PENDING;
    if (error == WSA_IO_PENDING || error == WSAEWOULDBLOCK)
        return error;
    isotp_reading_done(endpoint, bytes, error);
    return 0;
}

void isotp_reading_done(struct endpoint *endpoint, DWORD bytes, int error)
{
    struct isotp *isotp = isotp_of(endpoint);

    isotp->reading = false;
    if (error != WSA_OPERATION_ABORTED)
        take_input(endpoint, octets_of(isotp->read_memory, bytes), error);
    if (isotp->due) {
        isotp_drive(endpoint);
    } else {
        isotp_write(endpoint); /* what came may want an answer */
        isotp_finish(endpoint);
    }
    if (isotp->resting && !endpoint->timed)
        timer_set(endpoint, REST_MS);
}
