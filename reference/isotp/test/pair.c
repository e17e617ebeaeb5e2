#include "pair.h"

#include "hex.h"

static void init_end(struct pair_end *end, uint16_t reference, uint32_t tpdu_size)
{
    struct circuit_setup setup = {
        .reference = reference,
        .terms = {NEGOTIATION_CLASS_0 | NEGOTIATION_CLASS_2, tpdu_size},
    };

    *end = (struct pair_end){0};
    circuit_init(&end->circuit, &setup);
}

void pair_init(struct pair *pair, uint32_t caller_size, uint32_t callee_size)
{
    init_end(&pair->caller, 0x1001, caller_size);
    init_end(&pair->callee, 0x2002, callee_size);
}

static void feed(struct pair_end *end, struct octets input)
{
    while (input.length > 0) {
        struct circuit_event event;

        input = octets_after(input, circuit_feed(&end->circuit, input, &event));
        transcript_add(&end->seen, &event);
        if (event.type == CIRCUIT_NOTHING || event.type == CIRCUIT_DATA)
            continue;
        end->event = event;
        octets_copy(end->data, event.data);
    }
}

static size_t carry(struct pair_end *from, struct pair_end *to)
{
    static uint8_t room[256 * 1024];
    struct octet_writer writer = {.at = room, .size = sizeof room};

    scene_drain(&from->circuit, &writer);
    feed(to, octets_of(room, writer.length));
    return writer.length;
}

void pair_run(struct pair *pair)
{
    size_t carried;

    do {
        carried = carry(&pair->caller, &pair->callee);
        carried += carry(&pair->callee, &pair->caller);
    } while (carried > 0);
}

void pair_connect(struct pair *pair)
{
    struct octets none = octets_of(NULL, 0);

    pair_init(pair, 2048, 2048);
    circuit_call(&pair->caller.circuit, none, none, none);
    pair_run(pair);
    circuit_accept(&pair->callee.circuit, none);
    pair_run(pair);
}

struct octets pair_data(const struct pair_end *end)
{
    return octets_of(end->data, end->event.data.length);
}
