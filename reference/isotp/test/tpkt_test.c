#include "tpkt.h"

#include "expect.h"

static const struct {
    const char *header;
    enum tpkt_error error;
    size_t tpdu_length;
} headers[] = {
    {"03 00 00 07", TPKT_OK, 3},
    {"03 00 ff ff", TPKT_OK, TPKT_TPDU_MAX},
    {"03 ff 00 0b", TPKT_OK, 7}, /* reserved: ignored */
    {"03 00 00 00", TPKT_LENGTH, 0},
    {"03 00 00 01", TPKT_LENGTH, 0},
    {"03 00 00 02", TPKT_LENGTH, 0},
    {"03 00 00 03", TPKT_LENGTH, 0},
    {"03 00 00 04", TPKT_LENGTH, 0},
    {"03 00 00 05", TPKT_LENGTH, 0},
    {"03 00 00 06", TPKT_LENGTH, 0},
    {"03 00 00", TPKT_LENGTH, 0},
    {"02 00 00 07", TPKT_VERSION, 0},
    {"04 00 00 07", TPKT_VERSION, 0},
    {"00 00 00 00", TPKT_VERSION, 0},
};

static void test_headers_are_read(void)
{
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        size_t length = 0;

        EXPECT_EQUAL(tpkt_decode(hex(headers[i].header), &length), headers[i].error);
        EXPECT_EQUAL(length, headers[i].tpdu_length);
    }
}

static void test_headers_are_written(void)
{
    uint8_t room[TPKT_HEADER];
    struct octet_writer writer = {.at = room, .size = sizeof room};

    tpkt_encode(&writer, 3);
    EXPECT_OCTETS(octets_of(room, writer.length), "03 00 00 07");
    writer.length = 0;
    tpkt_encode(&writer, TPKT_TPDU_MAX);
    EXPECT_OCTETS(octets_of(room, writer.length), "03 00 ff ff");
}

CU_TestInfo tpkt_tests[] = {
    {"headers are read", test_headers_are_read},
    {"headers are written", test_headers_are_written},
    CU_TEST_INFO_NULL,
};
