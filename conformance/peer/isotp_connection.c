/* Connecting and disconnecting: CR, CC, DR, DC. */
#include "isotp_wire.h"

#include <string.h>

enum { DEFAULT_SIZE = 65531, SIZE_CODE_MAX = 0x10 };

static void take_parameter(const struct isotp_tpdu *tpdu,
                           unsigned char code,
                           const void **value,
                           size_t *size)
{
    struct isotp_parameter parameter;

    if (!isotp_tpdu_parameter(tpdu, code, &parameter))
        return;
    *value = parameter.value;
    *size = parameter.size;
}

struct isotp_terms isotp_terms_of(const struct isotp_tpdu *tpdu)
{
    struct isotp_terms terms = {.data = tpdu->data, .data_size = tpdu->data_size};
    struct isotp_parameter size;

    take_parameter(tpdu, ISOTP_CALLED_TSEL, &terms.called, &terms.called_size);
    take_parameter(tpdu, ISOTP_CALLING_TSEL, &terms.calling, &terms.calling_size);
    if (isotp_tpdu_parameter(tpdu, ISOTP_TPDU_SIZE, &size))
        terms.tpdu_size = size.value[0];
    return terms;
}

/* RFC 1006 and RFC 2126 make the largest TPDU that a TPKT can hold the default. */
static unsigned size_of_code(unsigned code)
{
    return code == 0 || code >= SIZE_CODE_MAX ? DEFAULT_SIZE : 1u << code;
}

static enum isotp_result send_terms(struct isotp_peer *peer,
                                    struct isotp_tpdu *tpdu,
                                    const struct isotp_terms *terms)
{
    unsigned char size = (unsigned char)terms->tpdu_size;
    bool fits = true;

    tpdu->source = peer->own_reference;
    tpdu->class_option = peer->class_option;
    tpdu->data = terms->data;
    tpdu->data_size = terms->data_size;
    if (terms->tpdu_size)
        fits = isotp_tpdu_add(tpdu, ISOTP_TPDU_SIZE, &size, 1);
    if (terms->calling)
        fits =
            fits && isotp_tpdu_add(
                        tpdu, ISOTP_CALLING_TSEL, terms->calling, terms->calling_size);
    if (terms->called)
        fits = fits && isotp_tpdu_add(
                           tpdu, ISOTP_CALLED_TSEL, terms->called, terms->called_size);
    /* Defaults for expedited data differ between the standards, so it is said. */
    if (peer->class_option != ISOTP_CLASS_0)
        fits = fits && isotp_tpdu_add(tpdu, ISOTP_OPTIONS, "\0", 1);
    if (!fits)
        return isotp_because(ISOTP_FAILED,
                             &peer->why,
                             "the parameters of the %s do not fit into its header",
                             isotp_kind_name(tpdu->kind));
    return isotp_put_tpdu(peer, tpdu, isotp_begin(peer));
}

enum isotp_result isotp_send_cr(struct isotp_peer *peer,
                                const struct isotp_terms *terms)
{
    struct isotp_tpdu cr = {.kind = ISOTP_CR};

    peer->proposed_size = terms->tpdu_size;
    return send_terms(peer, &cr, terms);
}

enum isotp_result isotp_send_cc(struct isotp_peer *peer,
                                const struct isotp_terms *terms)
{
    struct isotp_tpdu cc = {.kind = ISOTP_CC, .destination = peer->far_reference};
    struct isotp_terms granted = isotp_terms_of(&peer->call);

    granted.data = terms ? terms->data : NULL;
    granted.data_size = terms ? terms->data_size : 0;
    if (terms && terms->called) {
        granted.called = terms->called;
        granted.called_size = terms->called_size;
    }
    if (terms && terms->calling) {
        granted.calling = terms->calling;
        granted.calling_size = terms->calling_size;
    }
    if (terms && terms->tpdu_size)
        granted.tpdu_size = terms->tpdu_size;
    peer->tpdu_size = size_of_code(granted.tpdu_size);
    return send_terms(peer, &cc, &granted);
}

/* Keeps the CR or CC that was just received. */
static void keep_call(struct isotp_peer *peer)
{
    peer->call = peer->seen;
    memcpy(peer->call_data, peer->seen.data, peer->seen.data_size);
    peer->call.data = peer->call_data;
    peer->far_reference = peer->call.source;
}

static void keep_farewell(struct isotp_peer *peer)
{
    struct isotp_farewell *farewell = &peer->farewell;

    farewell->kind = peer->seen.kind;
    farewell->reason = peer->seen.reason;
    farewell->size = peer->seen.data_size;
    memcpy(farewell->data, peer->seen.data, peer->seen.data_size);
}

enum isotp_result isotp_take_dr(struct isotp_peer *peer, uint16_t source)
{
    struct isotp_tpdu expected = {
        .kind = ISOTP_DR, .destination = peer->own_reference, .source = source};
    enum isotp_result result =
        isotp_match(&peer->seen,
                    &expected,
                    ISOTP_ANY_REASON | ISOTP_ANY_OTHER_PARAMETERS | ISOTP_ANY_DATA,
                    &peer->why);

    if (result == ISOTP_OK)
        keep_farewell(peer);
    return result;
}

/* What a CC may not say to a CR of ours. */
static enum isotp_result check_grant(struct isotp_peer *peer)
{
    struct isotp_parameter parameter;
    unsigned proposed = peer->proposed_size ? peer->proposed_size : SIZE_CODE_MAX;

    if (isotp_tpdu_parameter(&peer->seen, ISOTP_PREFERRED_SIZE, &parameter))
        return isotp_because(
            ISOTP_DIFFERENT,
            &peer->why,
            "the CC: expected no preferred TPDU size, since the CR had "
            "none, observed one");
    if (isotp_tpdu_parameter(&peer->seen, ISOTP_OPTIONS, &parameter) &&
        parameter.value[0] != 0)
        return isotp_because(ISOTP_DIFFERENT,
                             &peer->why,
                             "the CC: expected none of the options 0x%02X, since the "
                             "CR had none",
                             parameter.value[0]);
    if (isotp_tpdu_parameter(&peer->seen, ISOTP_TPDU_SIZE, &parameter)) {
        if (parameter.value[0] > proposed)
            return isotp_because(ISOTP_DIFFERENT,
                                 &peer->why,
                                 "the CC: expected a TPDU size code of at most 0x%02X, "
                                 "observed 0x%02X",
                                 proposed,
                                 parameter.value[0]);
        peer->tpdu_size = size_of_code(parameter.value[0]);
    } else {
        /* Silence is taken as consent, whatever the default. */
        peer->tpdu_size = size_of_code(peer->proposed_size);
    }
    return ISOTP_OK;
}

enum isotp_result isotp_await_cc(struct isotp_peer *peer)
{
    struct isotp_tpdu expected = {.kind = ISOTP_CC,
                                  .destination = peer->own_reference,
                                  .class_option = peer->class_option};
    enum isotp_result result = isotp_receive_tpdu(peer);

    if (result != ISOTP_OK)
        return result;
    if (peer->seen.kind == ISOTP_DR) {
        result = isotp_take_dr(peer, 0);
        return result != ISOTP_OK
                   ? result
                   : isotp_because(ISOTP_REFUSED,
                                   &peer->why,
                                   "the far side refused the connection by a DR with "
                                   "reason %u",
                                   peer->farewell.reason);
    }
    result = isotp_match(&peer->seen,
                         &expected,
                         ISOTP_ANY_CREDIT | ISOTP_ANY_SOURCE |
                             ISOTP_ANY_OTHER_PARAMETERS | ISOTP_ANY_DATA,
                         &peer->why);
    if (result == ISOTP_OK)
        result = check_grant(peer);
    if (result == ISOTP_OK)
        keep_call(peer);
    return result;
}

enum isotp_result isotp_await_cr(struct isotp_peer *peer)
{
    struct isotp_tpdu expected = {.kind = ISOTP_CR, .class_option = peer->class_option};
    enum isotp_result result =
        isotp_expect(peer,
                     &expected,
                     ISOTP_ANY_CREDIT | ISOTP_ANY_SOURCE | ISOTP_ANY_OTHER_PARAMETERS |
                         ISOTP_ANY_DATA);

    if (result == ISOTP_OK)
        keep_call(peer);
    return result;
}

enum isotp_result isotp_connect(struct isotp_peer *peer,
                                const struct isotp_endpoint *from,
                                const struct isotp_endpoint *to,
                                const struct isotp_terms *terms)
{
    enum isotp_result result = isotp_open(peer, from, to);

    if (result == ISOTP_OK)
        result = isotp_send_cr(peer, terms);
    if (result == ISOTP_OK)
        result = isotp_await_cc(peer);
    return result;
}

enum isotp_result isotp_serve(struct isotp_peer *peer,
                              isotp_socket listener,
                              const struct isotp_terms *terms)
{
    enum isotp_result result = isotp_accept(peer, listener);

    if (result == ISOTP_OK)
        result = isotp_await_cr(peer);
    if (result == ISOTP_OK)
        result = isotp_send_cc(peer, terms);
    return result;
}

static enum isotp_result send_dr(struct isotp_peer *peer,
                                 uint16_t source,
                                 unsigned reason,
                                 const void *data,
                                 size_t size)
{
    struct isotp_tpdu dr = {.kind = ISOTP_DR,
                            .destination = peer->far_reference,
                            .source = source,
                            .reason = (uint16_t)reason,
                            .data = data,
                            .data_size = size};

    return isotp_send_tpdu(peer, &dr);
}

enum isotp_result
isotp_refuse(struct isotp_peer *peer, unsigned reason, const void *data, size_t size)
{
    return send_dr(peer, 0, reason, data, size);
}

enum isotp_result
isotp_send_dr(struct isotp_peer *peer, unsigned reason, const void *data, size_t size)
{
    return send_dr(peer, peer->own_reference, reason, data, size);
}

enum isotp_result isotp_send_dc(struct isotp_peer *peer)
{
    struct isotp_tpdu dc = {.kind = ISOTP_DC,
                            .destination = peer->far_reference,
                            .source = peer->own_reference};

    return isotp_send_tpdu(peer, &dc);
}

enum isotp_result isotp_await_dr(struct isotp_peer *peer)
{
    uint64_t deadline = isotp_begin(peer);
    enum isotp_result result;

    if (peer->farewell.kind == ISOTP_DR)
        return ISOTP_OK;
    result = isotp_take_tpdu(peer, deadline);
    if (result != ISOTP_OK)
        return result;
    return isotp_take_dr(peer, peer->far_reference);
}

enum isotp_result isotp_await_release(struct isotp_peer *peer)
{
    struct isotp_tpdu dc = {.kind = ISOTP_DC,
                            .destination = peer->own_reference,
                            .source = peer->far_reference};
    uint64_t deadline = isotp_begin(peer);
    enum isotp_result result;

    if (peer->farewell.kind == ISOTP_DR)
        return ISOTP_OK;
    for (;;) {
        result = isotp_take_tpdu(peer, deadline);
        if (result != ISOTP_OK)
            return result;
        if (peer->seen.kind != ISOTP_DT && peer->seen.kind != ISOTP_DT_CLASS_0)
            break;
        peer->dropped++;
        result = isotp_in_time(peer, deadline);
        if (result != ISOTP_OK)
            return result;
    }
    if (peer->seen.kind == ISOTP_DR)
        return isotp_take_dr(peer, peer->far_reference);
    result = isotp_match(&peer->seen, &dc, 0, &peer->why);
    if (result == ISOTP_OK)
        keep_farewell(peer);
    return result;
}
