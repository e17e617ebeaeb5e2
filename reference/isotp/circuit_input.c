/* The circuit as its peer drives it: what a TPDU means in each state. */
#include "circuit_private.h"

static void refuse_sequence(struct circuit *circuit, struct circuit_event *event)
{
    circuit__fail(circuit, CIRCUIT_FAULT_SEQUENCE, TPDU_REASON_PROTOCOL, event);
}

static void refuse_reference(struct circuit *circuit, struct circuit_event *event)
{
    circuit__fail(circuit, CIRCUIT_FAULT_REFERENCE, TPDU_REASON_REFERENCE, event);
}

static void
take_cr(struct circuit *circuit, const struct tpdu *tpdu, struct circuit_event *event)
{
    struct tpdu confirm = {.type = TPDU_CC};

    circuit->peer = tpdu->source;
    if (!negotiation_answer(&circuit->setup.terms, tpdu, &confirm, &circuit->agreed)) {
        circuit__fail(
            circuit, CIRCUIT_FAULT_NEGOTIATION, TPDU_REASON_NEGOTIATION, event);
        return;
    }
    circuit->state = CIRCUIT_CALLED;
    circuit->call = *tpdu;
    event->type = CIRCUIT_CALL;
    event->calling = tpdu->calling;
    event->called = tpdu->called;
    event->data = tpdu->data;
}

static void
take_cc(struct circuit *circuit, const struct tpdu *tpdu, struct circuit_event *event)
{
    if (tpdu->destination != circuit->setup.reference) {
        refuse_reference(circuit, event);
        return;
    }
    circuit->peer = tpdu->source;
    if (!negotiation_conclude(&circuit->setup.terms, tpdu, &circuit->agreed)) {
        circuit__fail(
            circuit, CIRCUIT_FAULT_NEGOTIATION, TPDU_REASON_NEGOTIATION, event);
        return;
    }
    circuit__open(circuit);
    event->type = CIRCUIT_CONNECTED;
    event->data = tpdu->data;
}

static void take_refusal(struct circuit *circuit,
                         const struct tpdu *tpdu,
                         struct circuit_event *event)
{
    if (tpdu->destination != circuit->setup.reference) {
        refuse_reference(circuit, event);
        return;
    }
    circuit->state = CIRCUIT_CLOSED;
    event->type = CIRCUIT_REFUSED;
    event->reason = tpdu->reason;
    event->data = tpdu->data;
}

/* Only the header has come: the user data follow as INTAKE_PAYLOAD. */
static void
take_dt(struct circuit *circuit, const struct tpdu *tpdu, struct circuit_event *event)
{
    size_t payload = circuit->intake.payload;
    size_t header = tpdu_data_header(circuit->agreed.format);

    if (circuit->agreed.format == TPDU_CLASS_2 &&
        tpdu->destination != circuit->setup.reference) {
        refuse_reference(circuit, event);
        return;
    }
    if (header + payload > circuit->agreed.tpdu_size) {
        circuit__fail(circuit, CIRCUIT_FAULT_TPDU_SIZE, TPDU_REASON_PROTOCOL, event);
        return;
    }
    if (circuit->setup.tsdu_max != 0) {
        if (payload > circuit->setup.tsdu_max - circuit->tsdu_length) {
            circuit__fail(
                circuit, CIRCUIT_FAULT_TSDU_SIZE, TPDU_REASON_CONGESTION, event);
            return;
        }
        circuit->tsdu_length += payload;
    }
    circuit->tsdu_open = true;
    circuit->tsdu_ends = tpdu->last;
}

/* Reports user data once there are some, or the end of the TSDU without. */
static void
report_data(struct circuit *circuit, struct octets payload, struct circuit_event *event)
{
    bool ends = circuit->tsdu_ends && circuit->intake.payload == 0;

    if (payload.length == 0 && !ends)
        return;
    if (ends) {
        circuit->tsdu_open = false;
        circuit->tsdu_length = 0;
    }
    event->type = CIRCUIT_DATA;
    event->data = payload;
    event->complete = ends;
}

/* In class 0 the stream itself says whose a TPDU is, and not all peers fill references
 * in. */
static bool
is_ours(const struct circuit *circuit, const struct tpdu *tpdu, bool nameless)
{
    if (circuit->agreed.format == TPDU_CLASS_0)
        return true;
    if (tpdu->destination != circuit->setup.reference)
        return false;
    return tpdu->source == circuit->peer || (nameless && tpdu->source == 0);
}

static void
take_dr(struct circuit *circuit, const struct tpdu *tpdu, struct circuit_event *event)
{
    if (!is_ours(circuit, tpdu, true)) {
        refuse_reference(circuit, event);
        return;
    }
    /* A DR that crosses ours is the answer to it. */
    circuit->state =
        circuit->state == CIRCUIT_LEAVING ? CIRCUIT_CLOSED : CIRCUIT_PEER_LEFT;
    circuit->peer_nameless = tpdu->source == 0;
    event->type = CIRCUIT_DISCONNECTED;
    event->reason = tpdu->reason;
    event->data = tpdu->data;
    event->complete = !circuit->tsdu_open;
}

static void
take_dc(struct circuit *circuit, const struct tpdu *tpdu, struct circuit_event *event)
{
    if (!is_ours(circuit, tpdu, false)) {
        refuse_reference(circuit, event);
        return;
    }
    circuit->state = CIRCUIT_CLOSED;
    event->type = CIRCUIT_RELEASED;
    event->complete = !circuit->tsdu_open;
}

/* A connection that we do not know is confirmed to be gone. */
static void take_stray_dr(struct circuit *circuit,
                          const struct tpdu *tpdu,
                          struct circuit_event *event)
{
    struct tpdu confirm = {
        .type = TPDU_DC, .destination = tpdu->source, .source = tpdu->destination};

    if (tpdu->source != 0)
        outbox_close(&circuit->outbox, &confirm);
    refuse_sequence(circuit, event);
}

static void
take_tpdu(struct circuit *circuit, const struct tpdu *tpdu, struct circuit_event *event)
{
    bool idle = circuit->state == CIRCUIT_IDLE;
    bool calling = circuit->state == CIRCUIT_CALLING;
    bool data = circuit->state == CIRCUIT_OPEN || circuit->state == CIRCUIT_LEAVING;

    if (idle && tpdu->type == TPDU_CR)
        take_cr(circuit, tpdu, event);
    else if (idle && tpdu->type == TPDU_DR)
        take_stray_dr(circuit, tpdu, event);
    else if (calling && tpdu->type == TPDU_CC)
        take_cc(circuit, tpdu, event);
    else if (calling && tpdu->type == TPDU_DR)
        take_refusal(circuit, tpdu, event);
    else if (data && tpdu->type == TPDU_DT)
        take_dt(circuit, tpdu, event);
    else if (data && tpdu->type == TPDU_DR)
        take_dr(circuit, tpdu, event);
    else if (circuit->state == CIRCUIT_LEAVING && tpdu->type == TPDU_DC)
        take_dc(circuit, tpdu, event);
    else if (!idle && tpdu->type == TPDU_ER)
        circuit__fail(circuit, CIRCUIT_FAULT_REJECTED, TPDU_REASON_PROTOCOL, event);
    else
        refuse_sequence(circuit, event);
}

static void take_malformed(struct circuit *circuit,
                           const struct intake_item *item,
                           struct circuit_event *event)
{
    const struct tpdu *tpdu = &item->tpdu;
    bool opens = (circuit->state == CIRCUIT_IDLE && tpdu->type == TPDU_CR) ||
                 (circuit->state == CIRCUIT_CALLING && tpdu->type == TPDU_CC &&
                  tpdu->destination == circuit->setup.reference);
    bool length = item->error == TPDU_HEADER_LENGTH ||
                  item->error == TPDU_PARAMETER_LENGTH ||
                  item->error == TPDU_DATA_LENGTH;

    /* Bad as it is, it says whom to answer. */
    if (opens)
        circuit->peer = tpdu->source;
    circuit__fail(circuit,
                  CIRCUIT_FAULT_MALFORMED,
                  length ? TPDU_REASON_LENGTH : TPDU_REASON_PROTOCOL,
                  event);
}

static void
take(struct circuit *circuit, struct octets *input, struct circuit_event *event)
{
    struct intake_item item;

    switch (intake_take(&circuit->intake, input, circuit->agreed.format, &item)) {
    case INTAKE_MORE:
        break;
    case INTAKE_TPDU:
        take_tpdu(circuit, &item.tpdu, event);
        if (event->type == CIRCUIT_NOTHING && item.tpdu.type == TPDU_DT)
            report_data(circuit, item.payload, event);
        break;
    case INTAKE_PAYLOAD:
        report_data(circuit, item.payload, event);
        break;
    case INTAKE_PACKET:
        circuit__fail(circuit, CIRCUIT_FAULT_PACKET, TPDU_REASON_PROTOCOL, event);
        break;
    case INTAKE_MALFORMED:
        take_malformed(circuit, &item, event);
        break;
    }
}

size_t
circuit_feed(struct circuit *circuit, struct octets input, struct circuit_event *event)
{
    struct octets rest = input;

    *event = (struct circuit_event){0};
    while (rest.length > 0 && event->type == CIRCUIT_NOTHING) {
        switch (circuit->state) {
        case CIRCUIT_PEER_LEFT:
        case CIRCUIT_CLOSED:
            /* After a DR nothing can come that matters, nor after the end. */
            return input.length;
        case CIRCUIT_CALLED:
            /* A caller has to wait for the CC; and the CR is still to be answered. */
            refuse_sequence(circuit, event);
            return input.length;
        default:
            take(circuit, &rest, event);
        }
    }
    return input.length - rest.length;
}
