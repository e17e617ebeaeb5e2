/* What the types of TPDU differ in; shared by decoder and encoder. */
#ifndef ISOTP_TPDU_SHAPE_H
#define ISOTP_TPDU_SHAPE_H

#include "tpdu.h"

enum tpdu_parameters {
    PARAMETERS_NONE = 0,
    PARAMETERS_CONNECTION,  /* of CR and CC */
    PARAMETERS_INFORMATION, /* text of a DR, octets of an ER */
    PARAMETERS_IGNORED,     /* whatever they are */
};

struct tpdu_shape {
    enum tpdu_type type;
    uint8_t
        fixed[2]; /* header octets after the length, without parameters, by format */
    bool has_credit;
    bool is_sent; /* and not only received */
    enum tpdu_parameters parameters;
    size_t data_min;
    size_t data_max;
};

/* NULL for an unknown code octet. */
const struct tpdu_shape *tpdu_shape_of(uint8_t code);

/* References and length of user data, as the type wants them. */
enum tpdu_error tpdu_check(const struct tpdu *tpdu, const struct tpdu_shape *shape);

/* The variable part. */
enum tpdu_error tpdu_decode_parameters(struct octets octets,
                                       const struct tpdu_shape *shape,
                                       struct tpdu *tpdu);
enum tpdu_error tpdu_encode_parameters(struct octet_writer *writer,
                                       const struct tpdu_shape *shape,
                                       const struct tpdu *tpdu);

#endif
