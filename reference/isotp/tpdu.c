#include "tpdu_shape.h"

#include "tpkt.h"

enum {
    CODE_TYPE = 0xF0,
    CODE_CREDIT = 0x0F,
    NUMBER_LAST = 0x80,
};

static const struct tpdu_shape shapes[] = {
    {.type = TPDU_CR,
     .fixed = {6, 6},
     .has_credit = true,
     .is_sent = true,
     .parameters = PARAMETERS_CONNECTION,
     .data_max = TPDU_CONNECT_DATA_MAX},
    {.type = TPDU_CC,
     .fixed = {6, 6},
     .has_credit = true,
     .is_sent = true,
     .parameters = PARAMETERS_CONNECTION,
     .data_max = TPDU_CONNECT_DATA_MAX},
    {.type = TPDU_DR,
     .fixed = {6, 6},
     .is_sent = true,
     .parameters = PARAMETERS_INFORMATION,
     .data_max = TPDU_DISCONNECT_DATA_MAX},
    {.type = TPDU_DC,
     .fixed = {5, 5},
     .is_sent = true,
     .parameters = PARAMETERS_IGNORED},
    {.type = TPDU_DT, .fixed = {4, 2}, .is_sent = true, .data_max = TPDU_SIZE_MAX},
    {.type = TPDU_ED,
     .fixed = {4, 2},
     .data_min = 1,
     .data_max = TPDU_EXPEDITED_DATA_MAX},
    {.type = TPDU_EA, .fixed = {4, 4}, .parameters = PARAMETERS_IGNORED},
    {.type = TPDU_RJ,
     .fixed = {4, 4},
     .has_credit = true,
     .parameters = PARAMETERS_IGNORED},
    {.type = TPDU_AK,
     .fixed = {4, 4},
     .has_credit = true,
     .parameters = PARAMETERS_IGNORED},
    {.type = TPDU_ER, .fixed = {4, 4}, .parameters = PARAMETERS_INFORMATION},
};

const struct tpdu_shape *tpdu_shape_of(uint8_t code)
{
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        const struct tpdu_shape *shape = &shapes[i];

        if ((code & CODE_TYPE) == (int)shape->type)
            return shape->has_credit || (code & CODE_CREDIT) == 0 ? shape : NULL;
    }
    return NULL;
}

size_t tpdu_data_header(enum tpdu_format format)
{
    return 1 + (size_t)tpdu_shape_of(TPDU_DT)->fixed[format];
}

enum tpdu_error tpdu_check(const struct tpdu *tpdu, const struct tpdu_shape *shape)
{
    bool names_peer = tpdu->destination != 0;

    if (tpdu->type == TPDU_CR && (names_peer || tpdu->source == 0))
        return TPDU_REFERENCE;
    if (tpdu->type == TPDU_CC && (!names_peer || tpdu->source == 0))
        return TPDU_REFERENCE;
    if (tpdu->data.length < shape->data_min || tpdu->data.length > shape->data_max)
        return TPDU_DATA_LENGTH;
    return TPDU_OK;
}

static void decode_number(struct octet_reader *reader, struct tpdu *tpdu)
{
    uint8_t number = read_octet(reader);

    tpdu->number = number & (NUMBER_LAST - 1);
    tpdu->last = number & NUMBER_LAST;
}

static void
decode_fixed(struct octet_reader *reader, enum tpdu_format format, struct tpdu *tpdu)
{
    bool is_data = tpdu->type == TPDU_DT || tpdu->type == TPDU_ED;

    if (!is_data || format == TPDU_CLASS_2)
        tpdu->destination = (uint16_t)read_number(reader, 2);
    switch (tpdu->type) {
    case TPDU_CR:
    case TPDU_CC:
        tpdu->source = (uint16_t)read_number(reader, 2);
        tpdu->class_option = read_octet(reader);
        break;
    case TPDU_DR:
        tpdu->source = (uint16_t)read_number(reader, 2);
        tpdu->reason = read_octet(reader);
        break;
    case TPDU_DC:
        tpdu->source = (uint16_t)read_number(reader, 2);
        break;
    case TPDU_ER:
        tpdu->reason = read_octet(reader);
        break;
    default: /* DT, ED, AK, EA, RJ */
        decode_number(reader, tpdu);
    }
}

enum tpdu_error
tpdu_decode(struct octets octets, enum tpdu_format format, struct tpdu *tpdu)
{
    struct octet_reader reader = {.left = octets};
    uint8_t length = read_octet(&reader);
    struct octet_reader header = {.left = read_octets(&reader, length)};
    uint8_t code = read_octet(&header);
    const struct tpdu_shape *shape = tpdu_shape_of(code);
    enum tpdu_error error;

    *tpdu = (struct tpdu){0};
    if (reader.failed || header.failed || length > TPDU_LENGTH_MAX)
        return TPDU_HEADER_LENGTH;
    if (shape == NULL)
        return TPDU_TYPE;
    if (length < shape->fixed[format])
        return TPDU_HEADER_LENGTH;
    tpdu->type = shape->type;
    tpdu->credit = code & CODE_CREDIT;
    decode_fixed(&header, format, tpdu);
    error = tpdu_decode_parameters(header.left, shape, tpdu);
    if (error != TPDU_OK)
        return error;
    if (tpdu->type != TPDU_DC)
        tpdu->data = reader.left;
    return tpdu_check(tpdu, shape);
}

static void encode_fixed(struct octet_writer *writer,
                         enum tpdu_format format,
                         const struct tpdu *tpdu)
{
    write_octet(writer, (uint8_t)(tpdu->type | (tpdu->credit & CODE_CREDIT)));
    if (tpdu->type == TPDU_DT) {
        uint8_t number = tpdu->number & (NUMBER_LAST - 1);

        if (format == TPDU_CLASS_2)
            write_number(writer, tpdu->destination, 2);
        write_octet(writer, tpdu->last ? number | NUMBER_LAST : number);
        return;
    }
    write_number(writer, tpdu->destination, 2);
    write_number(writer, tpdu->source, 2);
    if (tpdu->type == TPDU_DR)
        write_octet(writer, tpdu->reason);
    else if (tpdu->type != TPDU_DC)
        write_octet(writer, tpdu->class_option);
}

enum tpdu_error tpdu_encode(struct octet_writer *writer,
                            const struct tpdu *tpdu,
                            enum tpdu_format format)
{
    const struct tpdu_shape *shape =
        tpdu_shape_of((uint8_t)(tpdu->type | (tpdu->credit & CODE_CREDIT)));
    uint8_t octets[TPDU_LENGTH_MAX];
    struct octet_writer header = {.at = octets, .size = sizeof octets};
    enum tpdu_error error;

    if (shape == NULL || !shape->is_sent)
        return TPDU_TYPE;
    error = tpdu_check(tpdu, shape);
    if (error != TPDU_OK)
        return error;
    encode_fixed(&header, format, tpdu);
    error = tpdu_encode_parameters(&header, shape, tpdu);
    if (error != TPDU_OK)
        return error;
    if (header.failed)
        return TPDU_HEADER_LENGTH;
    if (tpdu->data.length > TPKT_TPDU_MAX - 1 - header.length)
        return TPDU_DATA_LENGTH;
    write_octet(writer, (uint8_t)header.length);
    write_octets(writer, octets_of(header.at, header.length));
    write_octets(writer, tpdu->data);
    return writer->failed ? TPDU_ROOM : TPDU_OK;
}
