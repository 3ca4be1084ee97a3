"""Words of English and Russian that the checks treat apart from the rest."""

from knowledge.analysis import terms

_WITHOUT_MEANING = """
a an the and or but if then than so as of at by for from in into on onto to with about
is are was were be been being am do does did have has had will would can could may might
shall should must this that these those it its they them their you your yours we our us
i my me he she his her there here which who whom what when where how why yes no not also
too just only please any some all each such more most very s t d ll re ve
и а но или что как так то это этот эта эти в во на по за из от до для при про с со к ко у
о об же ли бы вы вас вам ваш мы нас нам наш я мне он она оно они их его её ему ей быть
есть был была было были можно нужно да не нет если также тоже только
"""
STOP_TERMS = frozenset(terms(_WITHOUT_MEANING))

_ENDING_IN_A_STOP = """
e.g i.e etc vs approx incl min max dr mr mrs ms
т.е т.д т.п т.к др г ул руб коп см стр
"""
ABBREVIATIONS = frozenset(_ENDING_IN_A_STOP.split())

# "one" is left out: it is a pronoun more often than a number.
_NUMBER_WORDS = """
0 zero ноль
2 two два две двух
3 three три трёх трех
4 four четыре четырёх четырех
5 five пять пяти
6 six шесть шести
7 seven семь семи
8 eight восемь восьми
9 nine девять девяти
10 ten десять десяти
11 eleven одиннадцать одиннадцати
12 twelve двенадцать двенадцати
13 thirteen тринадцать тринадцати
14 fourteen четырнадцать четырнадцати
15 fifteen пятнадцать пятнадцати
16 sixteen шестнадцать
17 seventeen семнадцать
18 eighteen восемнадцать
19 nineteen девятнадцать
20 twenty двадцать двадцати
30 thirty тридцать тридцати
40 forty сорок сорока
50 fifty пятьдесят пятидесяти
60 sixty шестьдесят шестидесяти
70 seventy семьдесят
80 eighty восемьдесят
90 ninety девяносто
100 hundred сто
1000 thousand тысяча тысячи тысяч
1000000 million миллион миллиона миллионов
"""
NUMBER_OF_WORD = {
    word: number
    for number, *words in map(str.split, _NUMBER_WORDS.strip().splitlines())
    for word in words
}
