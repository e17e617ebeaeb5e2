/* What the two ends of a connection agree on: class and TPDU size (X.224 6.5). */
#ifndef ISOTP_NEGOTIATION_H
#define ISOTP_NEGOTIATION_H

#include "tpdu.h"

/* Classes that an end is willing to use, added up. Class 2 always means without
 * explicit flow control and without expedited data. */
enum {
    NEGOTIATION_CLASS_0 = 1,
    NEGOTIATION_CLASS_2 = 2, /* preferred where both are allowed */
};

/* The limits of one end. */
struct negotiation_terms {
    unsigned classes;
    uint32_t tpdu_size; /* largest TPDU in octets, TPDU_SIZE_MIN to TPDU_SIZE_MAX */
};

struct negotiation_result {
    enum tpdu_format format; /* which is the class */
    uint32_t tpdu_size;
};

/* Fills in class, sizes and options of a CR that proposes `terms`. */
void negotiation_propose(const struct negotiation_terms *terms, struct tpdu *request);

/* Answers `request` within `terms`: fills in class, sizes and options of `confirm`.
 * False if there is no class in common. */
bool negotiation_answer(const struct negotiation_terms *terms,
                        const struct tpdu *request,
                        struct tpdu *confirm,
                        struct negotiation_result *result);

/* Takes the answer to what negotiation_propose made of `terms`. False if it exceeds the
 * proposal. */
bool negotiation_conclude(const struct negotiation_terms *terms,
                          const struct tpdu *confirm,
                          struct negotiation_result *result);

#endif
