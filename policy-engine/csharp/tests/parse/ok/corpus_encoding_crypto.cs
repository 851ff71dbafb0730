@(Encoding.UTF8.GetBytes("é€").Length)
%%
@(Encoding.UTF8.GetString(new byte[] { 0xC3, 0xA9, 0x21 }))
%%
@(Encoding.GetEncoding("iso-8859-1").GetBytes("é")[0])
%%
@(Convert.ToBase64String(new byte[] { 0xFB, 0xFF }).Replace('+', '-').Replace('/', '_').TrimEnd('='))
%%
@(string.Concat(new byte[] { 1, 171 }.Select(b => b.ToString("x2"))))
%%
@{ using (var h = SHA256.Create()) { return Convert.ToBase64String(h.ComputeHash(new byte[0])); } }
%%
@{ using (var h = new HMACSHA256(Encoding.UTF8.GetBytes("key"))) { return Convert.ToBase64String(h.ComputeHash(Encoding.UTF8.GetBytes("msg"))); } }
%%
@{ using (var h = new HMACMD5(Encoding.UTF8.GetBytes("k"))) { return BitConverter.ToString(h.ComputeHash(Encoding.UTF8.GetBytes("m"))); } }
%%
@{ var key = new byte[32]; var iv = new byte[16]; return new byte[16].Encrypt("Aes", key, iv).Length; }
%%
@(BitConverter.GetBytes(258))
%%
@(BitConverter.ToInt16(new byte[] { 1 }, 0))
%%
@(new Random().NextDouble() < 1.0)
