/* A circuit whose peer sends whatever it likes while its client does something sensible
 * or not. The input: the scene, how many octets come at a time, eight things for the
 * client to do in turn, and the stream. */
#include "fuzz.h"
#include "scene.h"
#include "tsdu_queue.h"

enum {
    PLAN = 8,
    HEAD = 2 + PLAN,
};

/* One end, its client's memory, and the peer's view of what it writes. */
struct stage {
    struct circuit circuit;
    struct tsdu_queue queue;
    uint8_t memory[SCENE_TSDU_MAX + TSDU_QUEUE_OVERHEAD];
    struct intake peer;
    unsigned ends; /* events that end reception */
};

/* The peer must be able to read all that is written. */
static void check_written(struct stage *stage, struct octets written)
{
    while (written.length > 0) {
        struct intake_item item;
        enum intake_result result =
            intake_take(&stage->peer, &written, stage->circuit.agreed.format, &item);

        CHECK(result != INTAKE_PACKET && result != INTAKE_MALFORMED);
    }
}

static void write_some(struct stage *stage, size_t count)
{
    static const uint8_t payload[4096];
    struct outbox_output output = circuit_output(&stage->circuit);
    struct octets head = octets_front(output.octets, count);
    size_t rest = count - head.length;

    if (rest > output.payload)
        rest = output.payload;
    CHECK(output.payload <= sizeof payload);
    check_written(stage, head);
    check_written(stage, octets_of(payload, rest));
    circuit_written(&stage->circuit, head.length + rest);
}

static void
note(struct stage *stage, const struct circuit_event *event, struct octets input)
{
    switch (event->type) {
    case CIRCUIT_DATA:
        CHECK(stage->ends == 0);
        CHECK(event->data.length == 0 ||
              (event->data.at >= input.at &&
               event->data.at + event->data.length <= input.at + input.length));
        CHECK(tsdu_queue_put(&stage->queue, event->data, event->complete));
        break;
    case CIRCUIT_REFUSED:
    case CIRCUIT_DISCONNECTED:
        CHECK(event->data.length <= TPDU_DISCONNECT_DATA_MAX);
        stage->ends++;
        break;
    case CIRCUIT_RELEASED:
        stage->ends++;
        break;
    case CIRCUIT_FAILED:
        CHECK(event->fault != CIRCUIT_FAULT_NONE);
        CHECK(stage->circuit.state == CIRCUIT_CLOSED);
        stage->ends++;
        break;
    case CIRCUIT_CALL:
    case CIRCUIT_CONNECTED:
        CHECK(event->data.length <= TPDU_CONNECT_DATA_MAX);
        break;
    case CIRCUIT_NOTHING:
        break;
    }
    CHECK(stage->ends <= 1);
}

/* The client reads a TSDU as soon as it is complete and there is need of room. */
static void make_room(struct stage *stage)
{
    struct tsdu_front front;

    if (tsdu_queue_room(&stage->queue) > 0)
        return;
    CHECK(tsdu_queue_front(&stage->queue, &front));
    CHECK(front.complete && front.length <= SCENE_TSDU_MAX);
    tsdu_queue_drop(&stage->queue, front.length);
}

static void feed(struct stage *stage, struct octets input)
{
    while (input.length > 0) {
        struct circuit_event event;
        struct octets part;

        make_room(stage);
        part = octets_front(input, tsdu_queue_room(&stage->queue));
        input = octets_after(input, part.length);
        while (part.length > 0) {
            size_t taken = circuit_feed(&stage->circuit, part, &event);

            CHECK(taken <= part.length);
            CHECK(taken == part.length || event.type != CIRCUIT_NOTHING);
            note(stage, &event, part);
            part = octets_after(part, taken);
        }
    }
}

static void act(struct stage *stage, uint8_t action)
{
    static const uint8_t farewell[TPDU_DISCONNECT_DATA_MAX + 1];
    struct circuit *circuit = &stage->circuit;
    struct circuit_event event = {0};
    size_t size = action >> 4;

    switch (action & 0xF) {
    case 0:
        circuit_accept(circuit, octets_of(farewell, 3 * size));
        break;
    case 1:
        circuit_disconnect(circuit, action, octets_of(farewell, size));
        break;
    case 2:
        circuit_disconnect(circuit, action, octets_of(farewell, size + 50));
        break;
    case 3:
        circuit_send(circuit, size * 500, false);
        break;
    case 4:
        circuit_send(circuit, size * 500, true);
        break;
    case 5:
        circuit_call(circuit,
                     octets_of(farewell, 2 * size),
                     octets_of(NULL, 0),
                     octets_of(farewell, 2 * size));
        break;
    case 6:
        circuit_expire(circuit, &event);
        break;
    case 7:
        circuit_end(circuit, &event);
        break;
    case 8:
        circuit_lose(circuit, &event);
        break;
    case 9:
        write_some(stage, 1 + size);
        break;
    case 10:
        write_some(stage, 1 + size * 200);
        break;
    default:
        break;
    }
    note(stage, &event, octets_of(NULL, 0));
}

static void write_all(struct stage *stage)
{
    struct outbox_output output = circuit_output(&stage->circuit);

    while (output.octets.length + output.payload > 0) {
        write_some(stage, output.octets.length + output.payload);
        output = circuit_output(&stage->circuit);
    }
    CHECK(circuit_is_done(&stage->circuit) || stage->circuit.state != CIRCUIT_CLOSED);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct stage stage;
    struct octets stream = octets_after(octets_of(data, size), HEAD);

    if (size < HEAD)
        return 0;
    stage = (struct stage){0};
    scene_set(&stage.circuit, (enum scene)(data[0] % SCENES));
    stage.ends = stage.circuit.state == CIRCUIT_PEER_LEFT;
    tsdu_queue_init(&stage.queue, stage.memory, sizeof stage.memory);
    for (size_t turn = 0; stream.length > 0; turn++) {
        struct octets part = octets_front(stream, 1 + data[1]);

        feed(&stage, part);
        stream = octets_after(stream, part.length);
        act(&stage, data[2 + turn % PLAN]);
    }
    write_all(&stage);
    return 0;
}
