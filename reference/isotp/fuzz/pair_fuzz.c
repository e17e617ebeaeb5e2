/* Two circuits, their clients and the streams between them, in any order of events:
 * both must agree on what happened, and nothing may be lost. The input: terms of both,
 * and what happens. */
#include "fuzz.h"
#include "circuit.h"
#include "tsdu_queue.h"

enum {
    PIPE = 600,   /* octets that a stream takes before it is full */
    MEMORY = 300, /* of a client */
};

struct end {
    struct circuit circuit;
    struct tsdu_queue queue;
    uint8_t memory[MEMORY];
    uint8_t pipe[PIPE]; /* what it wrote and the other end did not take yet */
    size_t piped;

    size_t
        sent; /* octets of user data, whose values are the low bits of their position */
    size_t tsdus_sent;
    size_t written; /* of those sent */
    size_t read;
    size_t tsdus_read;

    uint8_t farewell[TPDU_DISCONNECT_DATA_MAX]; /* what it said */
    size_t farewell_length;
    bool was_told; /* that the other end left, or that it agreed */
};

static uint8_t octet_at(size_t position)
{
    return (uint8_t)(position ^ position >> 8);
}

/* Returns how many octets it wrote. */
static size_t write_out(struct end *end, size_t most)
{
    struct outbox_output output = circuit_output(&end->circuit);
    size_t room = PIPE - end->piped;
    struct octet_writer writer = {.at = end->pipe + end->piped,
                                  .size = most < room ? most : room};
    size_t payload;

    write_octets(&writer, octets_front(output.octets, writer.size));
    payload = writer.size - writer.length;
    if (payload > output.payload)
        payload = output.payload;
    for (size_t i = 0; i < payload; i++)
        write_octet(&writer, octet_at(end->written++));
    circuit_written(&end->circuit, writer.length);
    end->piped += writer.length;
    return writer.length;
}

static void
note(struct end *end, const struct end *peer, const struct circuit_event *event)
{
    switch (event->type) {
    case CIRCUIT_DATA:
        CHECK(tsdu_queue_put(&end->queue, event->data, event->complete));
        break;
    case CIRCUIT_DISCONNECTED:
    case CIRCUIT_REFUSED:
        CHECK(!end->was_told);
        CHECK(octets_equal(event->data,
                           octets_of(peer->farewell, peer->farewell_length)));
        end->was_told = true;
        break;
    case CIRCUIT_RELEASED:
        CHECK(!end->was_told && peer->farewell_length == 0);
        end->was_told = true;
        break;
    case CIRCUIT_FAILED:
        /* The only thing on which two ends of ours cannot agree. */
        CHECK(event->fault == CIRCUIT_FAULT_NEGOTIATION);
        end->was_told = true;
        break;
    case CIRCUIT_CALL:
    case CIRCUIT_CONNECTED:
    case CIRCUIT_NOTHING:
        break;
    }
}

/* `end` takes octets that `peer` wrote; returns how many. */
static size_t take_in(struct end *end, struct end *peer, size_t most)
{
    size_t room = tsdu_queue_room(&end->queue);
    struct octets input = octets_of(peer->pipe, peer->piped);
    struct octets part = octets_front(input, most < room ? most : room);
    size_t count = part.length;

    while (part.length > 0) {
        struct circuit_event event;

        part = octets_after(part, circuit_feed(&end->circuit, part, &event));
        note(end, peer, &event);
    }
    peer->piped -= count;
    for (size_t i = 0; i < peer->piped; i++)
        peer->pipe[i] = peer->pipe[i + count];
    return count;
}

/* Returns whether there was anything. */
static bool read_some(struct end *end, size_t most)
{
    uint8_t room[MEMORY];
    struct tsdu_front front;
    size_t count;

    if (!tsdu_queue_front(&end->queue, &front))
        return false;
    count = tsdu_queue_copy(&end->queue, 0, room, most < MEMORY ? most : MEMORY);
    for (size_t i = 0; i < count; i++)
        CHECK(room[i] == octet_at(end->read++));
    if (front.complete && count == front.length)
        end->tsdus_read++;
    tsdu_queue_drop(&end->queue, count);
    return count > 0 || front.complete;
}

static void send_some(struct end *end, size_t length, bool last)
{
    if (circuit_send(&end->circuit, length, last) != CIRCUIT_OK)
        return;
    end->sent += length;
    end->tsdus_sent += last;
}

static void leave(struct end *end, size_t length)
{
    struct octets farewell = octets_of(end->farewell, length);

    for (size_t i = 0; i < length; i++)
        end->farewell[i] = octet_at(end->sent + i);
    if (circuit_disconnect(&end->circuit, TPDU_REASON_NORMAL, farewell) == CIRCUIT_OK)
        end->farewell_length = length;
}

static void act(struct end *end, struct end *peer, uint8_t action)
{
    size_t size = (size_t)(action >> 4) * (action >> 4);

    switch (action & 7) {
    case 0:
        send_some(end, 3 * size, false);
        break;
    case 1:
        send_some(end, 3 * size, true);
        break;
    case 2:
        write_out(end, 1 + 3 * size);
        break;
    case 3:
        take_in(end, peer, 1 + 3 * size);
        break;
    case 4:
        read_some(end, 1 + size);
        break;
    case 5:
        circuit_accept(&end->circuit, octets_of(NULL, 0));
        break;
    case 6:
        /* A caller that gives up leaves no stream to go on with. */
        if (end->circuit.state > CIRCUIT_CALLING && (action & 0x30) == 0)
            leave(end, size / 4);
        break;
    default:
        write_out(end, PIPE);
        take_in(peer, end, PIPE);
        break;
    }
}

/* Everything that is under way arrives and is read. */
static void deliver(struct end *one, struct end *other)
{
    bool moved;

    do {
        moved = write_out(one, PIPE) > 0;
        moved |= take_in(other, one, PIPE) > 0;
        moved |= read_some(other, MEMORY);
        moved |= write_out(other, PIPE) > 0;
        moved |= take_in(one, other, PIPE) > 0;
        moved |= read_some(one, MEMORY);
    } while (moved);
}

/* Who is done ends the stream. */
static void end_stream(const struct end *done, struct end *end)
{
    struct circuit_event event;

    if (!circuit_is_done(&done->circuit))
        return;
    circuit_end(&end->circuit, &event);
    note(end, done, &event);
}

static void settle(struct end *one, struct end *other)
{
    deliver(one, other);
    end_stream(one, other);
    end_stream(other, one);
    deliver(one, other);
}

static void check_arrived(const struct end *from, const struct end *to)
{
    CHECK(from->written == from->sent && to->read == from->sent);
    CHECK(to->tsdus_read == from->tsdus_sent);
    CHECK(from->piped == 0);
    /* Who left after there was somebody to leave is heard. */
    if (from->circuit.state == CIRCUIT_LEAVING || from->circuit.state == CIRCUIT_CLOSED)
        CHECK(to->was_told || to->circuit.state == CIRCUIT_CLOSED);
}

static void init_end(struct end *end, uint16_t reference, uint8_t terms, uint8_t size)
{
    struct circuit_setup setup = {
        .reference = reference,
        .terms = {1 + terms % 3, 128 + (uint32_t)size * 8},
    };

    *end = (struct end){0};
    circuit_init(&end->circuit, &setup);
    tsdu_queue_init(&end->queue, end->memory, sizeof end->memory);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct end ends[2];

    if (size < 4)
        return 0;
    init_end(&ends[0], 0x1001, data[0], data[1]);
    init_end(&ends[1], 0x2002, data[2], data[3]);
    circuit_call(
        &ends[0].circuit, octets_of(NULL, 0), octets_of(NULL, 0), octets_of(NULL, 0));
    for (size_t i = 4; i < size; i++) {
        size_t which = data[i] >> 3 & 1;

        act(&ends[which], &ends[1 - which], data[i]);
    }
    settle(&ends[0], &ends[1]);
    check_arrived(&ends[0], &ends[1]);
    check_arrived(&ends[1], &ends[0]);
    return 0;
}
