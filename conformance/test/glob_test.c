#include "parts.h"

#include "glob.h"

#include <CUnit/CUnit.h>
#include <CUnit/TestDB.h>

static void plain_text_matches_itself_only(void)
{
    CU_ASSERT_TRUE(glob_matches("a.b", "a.b"));
    CU_ASSERT_FALSE(glob_matches("a.b", "axb"));
    CU_ASSERT_FALSE(glob_matches("a.b", "a.b.c"));
    CU_ASSERT_FALSE(glob_matches("a.b", "a."));
    CU_ASSERT_TRUE(glob_matches("", ""));
    CU_ASSERT_FALSE(glob_matches("", "a"));
}

static void star_is_any_text(void)
{
    CU_ASSERT_TRUE(glob_matches("*", ""));
    CU_ASSERT_TRUE(glob_matches("*", "recv_disconnect.buffer.null"));
    CU_ASSERT_TRUE(glob_matches("recv_disconnect.*", "recv_disconnect.buffer"));
    CU_ASSERT_FALSE(glob_matches("recv_disconnect.*", "send_disconnect.buffer"));
    CU_ASSERT_TRUE(glob_matches("*.null", "recv_disconnect.null.null"));
    CU_ASSERT_TRUE(glob_matches("a*b*c", "a-b-b-c"));
    CU_ASSERT_FALSE(glob_matches("a*b*c", "a-c-b"));
    CU_ASSERT_TRUE(glob_matches("a**", "a"));
}

static void question_mark_is_one_byte(void)
{
    CU_ASSERT_TRUE(glob_matches("a?c", "abc"));
    CU_ASSERT_FALSE(glob_matches("a?c", "ac"));
    CU_ASSERT_TRUE(glob_matches("*?", "a"));
    CU_ASSERT_FALSE(glob_matches("*?", ""));
}

void add_glob_suite(void)
{
    CU_pSuite suite = CU_add_suite("patterns", NULL, NULL);

    CU_add_test(
        suite, "plain text matches itself only", plain_text_matches_itself_only);
    CU_add_test(suite, "a star is any text", star_is_any_text);
    CU_add_test(suite, "a question mark is one byte", question_mark_is_one_byte);
}
