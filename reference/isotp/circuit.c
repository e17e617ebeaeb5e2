/* The circuit as its owner drives it. */
#include "circuit_private.h"

void circuit_init(struct circuit *circuit, const struct circuit_setup *setup)
{
    uint32_t *size = &circuit->setup.terms.tpdu_size;

    *circuit = (struct circuit){.setup = *setup};
    if (*size < TPDU_SIZE_MIN)
        *size = TPDU_SIZE_MIN;
    if (*size > TPDU_SIZE_MAX)
        *size = TPDU_SIZE_MAX;
}

void circuit__open(struct circuit *circuit)
{
    circuit->state = CIRCUIT_OPEN;
    circuit->outbox.format = circuit->agreed.format;
    circuit->outbox.tpdu_size = circuit->agreed.tpdu_size;
    circuit->outbox.destination = circuit->peer;
}

enum circuit_result circuit_call(struct circuit *circuit,
                                 struct octets calling,
                                 struct octets called,
                                 struct octets data)
{
    struct tpdu request = {.type = TPDU_CR,
                           .source = circuit->setup.reference,
                           .calling = calling,
                           .called = called,
                           .data = data};

    if (circuit->state != CIRCUIT_IDLE)
        return CIRCUIT_WRONG_STATE;
    negotiation_propose(&circuit->setup.terms, &request);
    if (!outbox_open(&circuit->outbox, &request))
        return CIRCUIT_TOO_LONG;
    circuit->state = CIRCUIT_CALLING;
    return CIRCUIT_OK;
}

enum circuit_result circuit_accept(struct circuit *circuit, struct octets data)
{
    struct tpdu confirm = {.type = TPDU_CC,
                           .destination = circuit->peer,
                           .source = circuit->setup.reference,
                           .calling = circuit->call.calling,
                           .called = circuit->call.called,
                           .data = data};

    if (circuit->state != CIRCUIT_CALLED)
        return CIRCUIT_WRONG_STATE;
    /* That there is a class in common was made sure when the CR came. */
    negotiation_answer(
        &circuit->setup.terms, &circuit->call, &confirm, &circuit->agreed);
    if (!outbox_open(&circuit->outbox, &confirm))
        return CIRCUIT_TOO_LONG;
    circuit__open(circuit);
    return CIRCUIT_OK;
}

bool circuit__send_dr(struct circuit *circuit, uint8_t reason, struct octets data)
{
    struct tpdu request = {.type = TPDU_DR,
                           .destination = circuit->peer,
                           .source = circuit->setup.reference,
                           .reason = reason,
                           .data = data};

    /* A refusal shows by the reference that it does not have. */
    if (circuit->state == CIRCUIT_IDLE || circuit->state == CIRCUIT_CALLED)
        request.source = 0;
    return outbox_close(&circuit->outbox, &request);
}

void circuit__send_dc(struct circuit *circuit)
{
    struct tpdu confirm = {.type = TPDU_DC,
                           .destination = circuit->peer,
                           .source = circuit->setup.reference};

    /* Class 0 confirms by ending the stream. */
    if (circuit->agreed.format == TPDU_CLASS_2 && !circuit->peer_nameless)
        outbox_close(&circuit->outbox, &confirm);
}

enum circuit_result
circuit_disconnect(struct circuit *circuit, uint8_t reason, struct octets data)
{
    if (data.length > TPDU_DISCONNECT_DATA_MAX)
        return CIRCUIT_TOO_LONG;
    switch (circuit->state) {
    case CIRCUIT_OPEN:
        circuit__send_dr(circuit, reason, data);
        circuit->state = CIRCUIT_LEAVING;
        return CIRCUIT_OK;
    case CIRCUIT_CALLED:
        circuit__send_dr(circuit, reason, data);
        break;
    case CIRCUIT_PEER_LEFT:
        if (data.length > 0)
            circuit__send_dr(circuit, reason, data);
        else
            circuit__send_dc(circuit);
        break;
    case CIRCUIT_IDLE:
    case CIRCUIT_CALLING:
        /* A CR that was not written yet need not be. */
        circuit->outbox = (struct outbox){.format = TPDU_CLASS_2};
        break;
    default: /* LEAVING and CLOSED have said their last word. */
        return CIRCUIT_WRONG_STATE;
    }
    circuit->state = CIRCUIT_CLOSED;
    return CIRCUIT_OK;
}

void circuit__fail(struct circuit *circuit,
                   enum circuit_fault fault,
                   uint8_t reason,
                   struct circuit_event *event)
{
    outbox_cut(&circuit->outbox);
    if (circuit->state != CIRCUIT_LEAVING && circuit->peer != 0)
        circuit__send_dr(circuit, reason, octets_of(NULL, 0));
    circuit->state = CIRCUIT_CLOSED;
    event->type = CIRCUIT_FAILED;
    event->fault = fault;
}

enum circuit_result circuit_send(struct circuit *circuit, size_t length, bool last)
{
    if (circuit->state != CIRCUIT_OPEN && circuit->state != CIRCUIT_PEER_LEFT)
        return CIRCUIT_WRONG_STATE;
    if (outbox_has_data(&circuit->outbox))
        return CIRCUIT_BUSY;
    outbox_begin(&circuit->outbox, length, last);
    return CIRCUIT_OK;
}

struct outbox_output circuit_output(const struct circuit *circuit)
{
    return outbox_next(&circuit->outbox);
}

void circuit_written(struct circuit *circuit, size_t count)
{
    outbox_written(&circuit->outbox, count);
}

static bool is_over(const struct circuit *circuit)
{
    return circuit->state == CIRCUIT_PEER_LEFT || circuit->state == CIRCUIT_CLOSED;
}

/* Nothing comes and nothing goes any more. */
static void
abandon(struct circuit *circuit, enum circuit_fault fault, struct circuit_event *event)
{
    circuit->outbox = (struct outbox){.format = TPDU_CLASS_2};
    circuit->state = CIRCUIT_CLOSED;
    event->type = CIRCUIT_FAILED;
    event->fault = fault;
}

void circuit_end(struct circuit *circuit, struct circuit_event *event)
{
    bool between = intake_between_packets(&circuit->intake);

    *event = (struct circuit_event){0};
    if (is_over(circuit))
        return; /* The peer said before that nothing more would come. */
    if (circuit->state == CIRCUIT_LEAVING && between) {
        /* The end of the stream confirms in class 0, and in class 2 it comes to the
         * same: the peer got our DR, as TCP delivers in sequence. */
        circuit->state = CIRCUIT_CLOSED;
        event->type = CIRCUIT_RELEASED;
        event->complete = !circuit->tsdu_open;
        return;
    }
    if (circuit->state == CIRCUIT_OPEN && between &&
        circuit->agreed.format == TPDU_CLASS_0) {
        /* To leave is to end the stream, says class 0. */
        circuit->state = CIRCUIT_PEER_LEFT;
        event->type = CIRCUIT_DISCONNECTED;
        event->complete = !circuit->tsdu_open;
        return;
    }
    abandon(circuit, CIRCUIT_FAULT_LOST, event);
}

void circuit_lose(struct circuit *circuit, struct circuit_event *event)
{
    bool reported = is_over(circuit);

    *event = (struct circuit_event){0};
    abandon(circuit, CIRCUIT_FAULT_LOST, event);
    if (reported)
        *event = (struct circuit_event){0};
}

enum circuit_timer circuit_timer(const struct circuit *circuit)
{
    switch (circuit->state) {
    case CIRCUIT_IDLE:
    case CIRCUIT_CALLING:
        return CIRCUIT_TIMER_CONNECT;
    case CIRCUIT_PEER_LEFT:
        return CIRCUIT_TIMER_ANSWER;
    case CIRCUIT_LEAVING:
        return CIRCUIT_TIMER_RELEASE;
    case CIRCUIT_CLOSED:
        return CIRCUIT_TIMER_LINGER;
    default: /* CALLED and OPEN last as long as the clients like. */
        return CIRCUIT_TIMER_NONE;
    }
}

void circuit_expire(struct circuit *circuit, struct circuit_event *event)
{
    *event = (struct circuit_event){0};
    switch (circuit_timer(circuit)) {
    case CIRCUIT_TIMER_ANSWER:
        circuit_disconnect(circuit, TPDU_REASON_NORMAL, octets_of(NULL, 0));
        break;
    case CIRCUIT_TIMER_CONNECT:
    case CIRCUIT_TIMER_RELEASE:
        abandon(circuit, CIRCUIT_FAULT_TIMEOUT, event);
        break;
    case CIRCUIT_TIMER_LINGER:
    case CIRCUIT_TIMER_NONE:
        /* No business of the protocol: the owner closes the stream. */
        break;
    }
}

bool circuit_is_done(const struct circuit *circuit)
{
    bool last_word = circuit->state == CIRCUIT_CLOSED;

    /* A peer of class 0 that got a DR waits for the end of the stream. One of class 2
     * might take it for a broken circuit and keep its farewell to itself. */
    if (circuit->state == CIRCUIT_LEAVING)
        last_word = circuit->agreed.format == TPDU_CLASS_0;
    return last_word && outbox_is_empty(&circuit->outbox);
}
