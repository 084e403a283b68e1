package demo

// topic is what items are about: its tag, tags of its parts, and the words of titles in each language.
type topic struct {
	tag   string
	parts []string
	words map[string][]string
}

// languages and where their speakers' items come from.
var languages = []struct {
	code    string
	share   float64
	regions []string
}{
	{"en", 0.5, []string{"US", "GB", "IN", "AU"}},
	{"zh", 0.3, []string{"CN", "TW", "SG"}},
	{"es", 0.2, []string{"ES", "MX", "AR"}},
}

// patterns of titles; %s is a word of the topic, %d a number.
var patterns = map[string][]string{
	"en": {"The quiet art of %s", "%s in three minutes", "Why %s still surprises me", "%s, part %d", "A beginner's guide to %s", "I tried %s for %d days", "What nobody says about %s", "%s on a rainy day"},
	"zh": {"三分钟看懂%s", "%s的安静时光", "为什么%s让我着迷", "%s 第%d集", "新手也能学会的%s", "坚持%s%d天之后", "没人告诉你的%s", "雨天的%s"},
	"es": {"El arte de %s", "%s en tres minutos", "Por qué me sorprende %s", "%s, parte %d", "Guía para empezar con %s", "Probé %s durante %d días", "Lo que nadie cuenta de %s", "%s en un día de lluvia"},
}

var topics = []topic{
	{"cooking", []string{"baking", "noodles", "street-food", "knives", "vegetarian"}, map[string][]string{"en": {"sourdough", "hand-pulled noodles", "one-pan dinners"}, "zh": {"手擀面", "家常菜", "烘焙"}, "es": {"pan casero", "tortilla", "guisos"}}},
	{"football", []string{"goals", "tactics", "goalkeepers", "derby", "training"}, map[string][]string{"en": {"free kicks", "the back four", "a late goal"}, "zh": {"任意球", "防守战术", "绝杀进球"}, "es": {"tiros libres", "la defensa", "un gol agónico"}}},
	{"jazz", []string{"piano", "saxophone", "improvisation", "vinyl", "live-music"}, map[string][]string{"en": {"a walking bass", "bebop piano", "late-night jazz"}, "zh": {"爵士钢琴", "即兴演奏", "黑胶唱片"}, "es": {"jazz nocturno", "piano bebop", "la improvisación"}}},
	{"gardening", []string{"roses", "compost", "balcony", "seeds", "bonsai"}, map[string][]string{"en": {"balcony tomatoes", "compost", "winter roses"}, "zh": {"阳台种菜", "堆肥", "盆景"}, "es": {"tomates de balcón", "compost", "rosales"}}},
	{"astronomy", []string{"telescopes", "planets", "galaxies", "eclipse", "rockets"}, map[string][]string{"en": {"Saturn's rings", "a lunar eclipse", "deep-sky photos"}, "zh": {"土星环", "月食", "深空摄影"}, "es": {"los anillos de Saturno", "un eclipse", "el cielo profundo"}}},
	{"cats", []string{"kittens", "rescue", "funny", "grooming", "siamese"}, map[string][]string{"en": {"rescued kittens", "a suspicious cat", "cat boxes"}, "zh": {"小奶猫", "流浪猫", "猫咪日常"}, "es": {"gatitos", "un gato curioso", "gatos rescatados"}}},
	{"coding", []string{"golang", "databases", "algorithms", "debugging", "keyboards"}, map[string][]string{"en": {"a data race", "query plans", "small functions"}, "zh": {"并发编程", "数据库索引", "调试技巧"}, "es": {"la concurrencia", "índices", "depurar código"}}},
	{"travel", []string{"trains", "islands", "hiking", "budget", "night-markets"}, map[string][]string{"en": {"night trains", "island ferries", "walking the coast"}, "zh": {"夜火车", "海岛", "古镇徒步"}, "es": {"trenes nocturnos", "islas", "caminar la costa"}}},
	{"fitness", []string{"yoga", "running", "strength", "mobility", "swimming"}, map[string][]string{"en": {"slow running", "morning yoga", "pull-ups"}, "zh": {"晨跑", "瑜伽", "引体向上"}, "es": {"correr despacio", "yoga matinal", "dominadas"}}},
	{"painting", []string{"watercolour", "oil", "sketchbook", "portraits", "ink"}, map[string][]string{"en": {"wet watercolour", "ink landscapes", "quick portraits"}, "zh": {"水彩", "水墨山水", "速写"}, "es": {"acuarela", "paisajes de tinta", "retratos rápidos"}}},
	{"history", []string{"rome", "dynasties", "maps", "archaeology", "ships"}, map[string][]string{"en": {"Roman roads", "old maps", "a lost ship"}, "zh": {"唐朝", "古地图", "考古现场"}, "es": {"calzadas romanas", "mapas antiguos", "un barco perdido"}}},
	{"comedy", []string{"stand-up", "sketches", "pranks", "satire", "bloopers"}, map[string][]string{"en": {"office sketches", "stand-up nights", "bad puns"}, "zh": {"脱口秀", "办公室段子", "冷笑话"}, "es": {"monólogos", "chistes malos", "escenas de oficina"}}},
	{"cycling", []string{"climbs", "repair", "commuting", "gravel", "track"}, map[string][]string{"en": {"mountain climbs", "a bent wheel", "gravel roads"}, "zh": {"爬坡", "修车", "骑行上班"}, "es": {"puertos de montaña", "una rueda torcida", "caminos de grava"}}},
	{"fashion", []string{"vintage", "sewing", "denim", "sneakers", "tailoring"}, map[string][]string{"en": {"vintage denim", "a first jacket", "mending"}, "zh": {"复古穿搭", "裁缝手艺", "球鞋"}, "es": {"vaqueros antiguos", "coser", "zapatillas"}}},
	{"chess", []string{"openings", "endgames", "blitz", "puzzles", "grandmasters"}, map[string][]string{"en": {"rook endgames", "blitz traps", "the Sicilian"}, "zh": {"残局", "快棋", "西西里防御"}, "es": {"finales de torre", "trampas de blitz", "la siciliana"}}},
	{"ocean", []string{"diving", "whales", "reefs", "surfing", "sailing"}, map[string][]string{"en": {"coral reefs", "humpback whales", "cold-water surfing"}, "zh": {"珊瑚礁", "座头鲸", "潜水"}, "es": {"arrecifes", "ballenas", "surf de invierno"}}},
}
