/* Cuts a stream of octets into TPDUs. Holds no user data of DT: those pass through, so
 * the memory is the same for every TPDU size. */
#ifndef ISOTP_INTAKE_H
#define ISOTP_INTAKE_H

#include "tpdu.h"
#include "tpkt.h"

enum { INTAKE_SIZE = TPKT_HEADER + TPDU_HEADER_MAX + TPDU_DISCONNECT_DATA_MAX };

/* All zero: at the start of a packet. */
struct intake {
    uint8_t held[INTAKE_SIZE];
    size_t length;  /* of what is held of the packet under way */
    size_t payload; /* user data of a DT that have not come yet */
};

enum intake_result {
    INTAKE_MORE = 0, /* everything is taken, nothing is complete */
    INTAKE_TPDU,     /* *tpdu; of a DT only the header: `payload` says what follows */
    INTAKE_PAYLOAD,  /* *payload: the next user data of the DT, at least one octet */
    INTAKE_PACKET,   /* no TPKT */
    INTAKE_MALFORMED /* *tpdu as far as understood, *error says why */
};

struct intake_item {
    struct tpdu tpdu;      /* its views are valid until the next intake_take */
    struct octets payload; /* points into the input */
    enum tpdu_error error;
};

/* Takes octets from the front of *input, up to the next result. After INTAKE_PACKET or
 * INTAKE_MALFORMED the stream has no meaning any more. */
enum intake_result intake_take(struct intake *intake,
                               struct octets *input,
                               enum tpdu_format format,
                               struct intake_item *item);

/* Whether the stream may end here. */
bool intake_between_packets(const struct intake *intake);

#endif
