#include "negotiation.h"

enum {
    CLASS_0 = 0 << TPDU_CLASS_SHIFT,
    CLASS_2 = 2 << TPDU_CLASS_SHIFT,
    CLASS_2_CHOSEN = CLASS_2 | TPDU_OPTION_NO_FLOW_CONTROL,
    /* X.224 knows no larger power of two, and peers that know RFC 1006's are rare. */
    POWER_MAX = 8192,
};

/* The largest power of two within `size` that every peer knows. */
static uint32_t power_within(uint32_t size)
{
    uint32_t power = TPDU_SIZE_MIN;

    while (power < POWER_MAX && power * 2 <= size)
        power *= 2;
    return power;
}

static uint32_t preferred_within(uint32_t size)
{
    size -= size % TPDU_PREFERRED_UNIT;
    return size < TPDU_PREFERRED_MAX ? size : TPDU_PREFERRED_MAX;
}

static uint32_t smaller(uint32_t one, uint32_t other)
{
    return one < other ? one : other;
}

static uint8_t class_of(uint8_t class_option)
{
    return class_option & (uint8_t)~TPDU_OPTIONS;
}

void negotiation_propose(const struct negotiation_terms *terms, struct tpdu *request)
{
    static const uint8_t alternative = CLASS_0;

    request->size = power_within(terms->tpdu_size);
    if ((terms->classes & NEGOTIATION_CLASS_2) == 0) {
        /* As plain as can be: peers that only know class 0 stumble over more. */
        request->class_option = CLASS_0;
        return;
    }
    request->class_option = CLASS_2_CHOSEN;
    request->has_additional = true;
    if (terms->classes & NEGOTIATION_CLASS_0)
        request->alternatives = octets_of(&alternative, 1);
    if (preferred_within(terms->tpdu_size) > request->size)
        request->preferred = preferred_within(terms->tpdu_size);
}

static bool offers(const struct tpdu *request, uint8_t wanted)
{
    if (class_of(request->class_option) == wanted)
        return true;
    for (size_t i = 0; i < request->alternatives.length; i++) {
        if (class_of(request->alternatives.at[i]) == wanted)
            return true;
    }
    return false;
}

static bool
choose_class(unsigned classes, const struct tpdu *request, struct tpdu *confirm)
{
    /* Flow control is for the caller to waive, not for us. */
    bool waived = request->class_option & TPDU_OPTION_NO_FLOW_CONTROL;

    if ((classes & NEGOTIATION_CLASS_2) && waived && offers(request, CLASS_2)) {
        confirm->class_option = CLASS_2_CHOSEN;
        confirm->has_additional = true;
        return true;
    }
    confirm->class_option = CLASS_0;
    return (classes & NEGOTIATION_CLASS_0) && offers(request, CLASS_0);
}

bool negotiation_answer(const struct negotiation_terms *terms,
                        const struct tpdu *request,
                        struct tpdu *confirm,
                        struct negotiation_result *result)
{
    if (!choose_class(terms->classes, request, confirm))
        return false;
    result->format = confirm->class_option == CLASS_0 ? TPDU_CLASS_0 : TPDU_CLASS_2;
    if (request->preferred != 0) {
        confirm->preferred =
            smaller(request->preferred, preferred_within(terms->tpdu_size));
        result->tpdu_size = confirm->preferred;
    } else if (request->size != 0 && request->size <= terms->tpdu_size) {
        /* Its own size comes back to a caller, even one that we would not name. */
        confirm->size = request->size;
        result->tpdu_size = confirm->size;
    } else if (request->size != 0 || terms->tpdu_size < TPDU_SIZE_MAX) {
        confirm->size = power_within(terms->tpdu_size);
        result->tpdu_size = confirm->size;
    } else {
        /* Neither end has a wish: RFC 1006 replaces X.224's 128 by the largest. */
        result->tpdu_size = TPDU_SIZE_MAX;
    }
    return true;
}

bool negotiation_conclude(const struct negotiation_terms *terms,
                          const struct tpdu *confirm,
                          struct negotiation_result *result)
{
    struct tpdu request = {.type = TPDU_CR};
    uint32_t limit;

    negotiation_propose(terms, &request);
    if (confirm->class_option != request.class_option &&
        (confirm->class_option != CLASS_0 || !offers(&request, CLASS_0)))
        return false;
    if (confirm->has_additional && (confirm->additional & TPDU_ADDITIONAL_EXPEDITED))
        return false;
    if (confirm->size > request.size || confirm->preferred > request.preferred)
        return false;
    result->format = confirm->class_option == CLASS_0 ? TPDU_CLASS_0 : TPDU_CLASS_2;
    limit = request.preferred != 0 ? request.preferred : request.size;
    if (confirm->preferred != 0)
        result->tpdu_size = confirm->preferred;
    else
        result->tpdu_size = confirm->size != 0 ? confirm->size : limit;
    return true;
}
